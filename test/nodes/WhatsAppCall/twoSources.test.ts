import type { IExecuteFunctions } from 'n8n-workflow';
import type { Connection } from '../../../nodes/WhatsAppCall/connections/connection';
import { readAudioSource } from '../../../nodes/WhatsAppCall/operations/fields/audioSource';

/** n8n drops hidden fields, so only who calls the reader itself can fill several. */
function read(parameters: Record<string, unknown>) {
	const functions = {
		getNodeParameter: (name: string, _itemIndex: number, fallback: unknown) =>
			parameters[name] ?? fallback,
		getInputData: () => [{ json: {} }],
	} as unknown as IExecuteFunctions;
	return readAudioSource({ functions, itemIndex: 0, options: {}, connection: {} as Connection });
}

test.each([
	[{ audioSource: 'url', audioUrl: 'https://x/a.mp3', audioBase64: 'AAAA' }, 'URL and Base64'],
	[{ audioSource: 'binary', audioUrl: 'https://x/a.mp3' }, 'Binary File and URL'],
	[{ audioSource: 'base64', audioUrl: 'https://x/a.mp3', audioBase64: 'AAAA' }, 'URL and Base64'],
])('two sources are refused, and both are named: %p', async (parameters, named) => {
	await expect(read(parameters)).rejects.toMatchObject({
		code: 'AUDIO_SOURCE',
		message: `There are two audio sources: ${named}`,
	});
});
