import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { CallError } from '../../../../common/errors';
import { printable } from '../../../../common/text';
import type { AudioSource } from '../../connections/connection';
import { numberOption } from '../../options';
import type { OperationContext } from '../operation';
import { base64Source, bytesSource } from './base64';

const BYTES_PER_MEGABYTE = 1024 * 1024;

/** The choice of an audio source and the field of each. */
export function audioSourceFields(show: Record<string, string[]>): INodeProperties[] {
	return [
		{
			displayName: 'Audio Source',
			name: 'audioSource',
			type: 'options',
			options: [
				{ name: 'Base64', value: 'base64', description: 'The file as base64 text or data URI' },
				{ name: 'Binary File', value: 'binary', description: 'A file from a previous node' },
				{ name: 'URL', value: 'url', description: 'A public address of the file' },
			],
			default: 'binary',
			description: 'Where the recording comes from. MP3, OGG and WAV work everywhere.',
			displayOptions: { show },
		},
		{
			displayName: 'Input Binary Field',
			name: 'binaryPropertyName',
			type: 'string',
			required: true,
			default: 'data',
			hint: 'The name of the input field that holds the file',
			displayOptions: { show: { ...show, audioSource: ['binary'] } },
		},
		{
			displayName: 'Audio URL',
			name: 'audioUrl',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. https://example.com/message.mp3',
			description:
				'Public http(s) address of the file. With a server, the server fetches it; with Embedded, n8n does.',
			displayOptions: { show: { ...show, audioSource: ['url'] } },
		},
		{
			displayName: 'Audio Base64',
			name: 'audioBase64',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. SUQzBAAAAAAA… or data:audio/mpeg;base64,SUQz…',
			description: 'The file as base64 text. A data URI works too; its prefix is taken off.',
			displayOptions: { show: { ...show, audioSource: ['base64'] } },
		},
	];
}

/**
 * The one audio source of an item, checked before any request.
 *
 * @throws CallError AUDIO_SOURCE, AUDIO_TOO_LARGE, INVALID_OPTION
 */
export async function readAudioSource(context: OperationContext): Promise<AudioSource> {
	const { functions, itemIndex, options } = context;
	const limitMb = numberOption(options, 'maximumAudioSizeMb');
	const source = functions.getNodeParameter('audioSource', itemIndex, 'binary') as unknown;
	const url = text(functions, 'audioUrl', itemIndex);
	const base64 = text(functions, 'audioBase64', itemIndex);
	refuseSecondSource(source, url, base64);
	switch (source) {
		case 'url':
			return urlSource(url);
		case 'base64':
			return withinLimit(base64Source(base64), limitMb);
		case 'binary':
			return withinLimit(await binarySource(context, limitMb), limitMb);
		default:
			throw new CallError(
				'AUDIO_SOURCE',
				`"${printable(String(source), 40)}" is not an audio source`,
			);
	}
}

function text(functions: IExecuteFunctions, name: string, itemIndex: number): string {
	const value: unknown = functions.getNodeParameter(name, itemIndex, '');
	return typeof value === 'string' ? value.trim() : '';
}

/** n8n drops the fields that are not shown, but whoever calls the node otherwise may fill several. */
function refuseSecondSource(source: unknown, url: string, base64: string): void {
	const filled = [
		...(source === 'binary' ? ['Binary File'] : []),
		...(url !== '' ? ['URL'] : []),
		...(base64 !== '' ? ['Base64'] : []),
	];
	if (filled.length > 1) {
		throw new CallError('AUDIO_SOURCE', `There are two audio sources: ${filled.join(' and ')}`, {
			hint: 'Keep the one that is meant and empty the other field.',
		});
	}
}

function urlSource(url: string): AudioSource {
	if (url === '') {
		throw new CallError('AUDIO_SOURCE', 'There is no audio source: the field "Audio URL" is empty');
	}
	if (url.startsWith('data:')) {
		throw new CallError('AUDIO_SOURCE', 'The field "Audio URL" holds a data URI', {
			hint: 'Choose the audio source "Base64" and put the data URI there.',
		});
	}
	if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
		throw new CallError('AUDIO_SOURCE', `"${printable(url, 100)}" is not an http(s) URL`, {
			hint: 'Enter an address that starts with https:// or http://. For a file on this machine, read it with a previous node and choose "Binary File".',
		});
	}
	return { kind: 'url', url };
}

async function binarySource(
	{ functions, itemIndex }: OperationContext,
	limitMb: number,
): Promise<AudioSource & { kind: 'file' }> {
	const field = text(functions, 'binaryPropertyName', itemIndex);
	const binaries = functions.getInputData()[itemIndex]?.binary ?? {};
	if (field === '') {
		throw new CallError(
			'AUDIO_SOURCE',
			`There is no audio source: the field "Input Binary Field" is empty, and the item has ${offer(binaries)}`,
		);
	}
	const binary = Object.hasOwn(binaries, field) ? binaries[field] : undefined;
	if (binary === undefined) {
		throw new CallError(
			'AUDIO_SOURCE',
			`The item has no binary field "${printable(field, 60)}"; it has ${offer(binaries)}`,
			{
				hint: 'Enter the name of a binary field of the item, as the previous node shows it under "Binary".',
			},
		);
	}
	if (binary.id !== undefined) {
		const { fileSize } = await functions.helpers.getBinaryMetadata(binary.id);
		refuseTooLarge(fileSize, limitMb);
	}
	const bytes = await functions.helpers.getBinaryDataBuffer(itemIndex, field);
	if (bytes.length === 0) {
		throw new CallError('AUDIO_SOURCE', `The binary field "${printable(field, 60)}" is empty`, {
			hint: 'Look at the previous node: the file it gives has no content.',
		});
	}
	return bytesSource(bytes);
}

function offer(binaries: object): string {
	const names = Object.keys(binaries).map((name) => `"${printable(name, 60)}"`);
	return names.length === 0 ? 'no binary fields' : names.join(', ');
}

function withinLimit(source: AudioSource & { kind: 'file' }, limitMb: number): AudioSource {
	refuseTooLarge(source.byteLength, limitMb);
	return source;
}

function refuseTooLarge(byteLength: number, limitMb: number): void {
	if (byteLength > limitMb * BYTES_PER_MEGABYTE) {
		// Rounded up, so that what is a little too large does not look as if it fitted.
		const sizeMb = Math.ceil((byteLength / BYTES_PER_MEGABYTE) * 10) / 10;
		throw new CallError(
			'AUDIO_TOO_LARGE',
			`The audio has ${sizeMb} MB, and at most ${limitMb} MB are sent`,
		);
	}
}
