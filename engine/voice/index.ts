export type { VoiceLine, VoiceNote, VoiceNoteResult, VoiceSocket } from './voiceTypes';
export { VoiceNotes, type VoiceNotesOptions } from './voiceNotes';
