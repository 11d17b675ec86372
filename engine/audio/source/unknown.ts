/** What is no audio that can be used. */
export interface Unknown {
	/** What it seems to be, in a user's words with the article ("a zip archive"), or "not known". */
	unknown: string;
	/** Set when it is audio, in a format that is not supported. */
	audio?: true;
}
