import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { RyzeApi } from '../../../credentials/RyzeApi.credentials';
import { WawpApi } from '../../../credentials/WawpApi.credentials';
import { WhatsAppSession } from '../../../credentials/WhatsAppSession.credentials';
import { WhatsAppCall } from '../../../nodes/WhatsAppCall/WhatsAppCall.node';

const NODE_FOLDER = join(__dirname, '../../../nodes/WhatsAppCall');
const { description, methods } = new WhatsAppCall();
const { properties } = description;

const shownFor = (resource: string, operation: string) =>
	properties.filter(({ displayOptions: { show } = {} }) => {
		const matches = (name: string, value: string) => show?.[name]?.includes(value) ?? true;
		return matches('resource', resource) && matches('operation', operation);
	});
const names = (fields: INodeProperties[]) => fields.map(({ name }) => name);
const optionNames = (fields: INodeProperties[]) =>
	(fields.find(({ name }) => name === 'options')?.options ?? []).map(({ name }) => name);

describe('the description of the node', () => {
	test('is what n8n shows', () => {
		expect(description).toMatchObject({
			displayName: 'WhatsApp Call',
			name: 'whatsAppCall',
			version: 1,
			usableAsTool: true,
			inputs: ['main'],
			outputs: ['main'],
		});
		expect(description.subtitle).toBeTruthy();
	});

	test.each([
		['call', 'fake', ['ringDurationSeconds']],
		['call', 'audio', ['audioSource', 'binaryPropertyName', 'audioUrl', 'audioBase64']],
		[
			'voiceMessage',
			'send',
			[
				'audioSource',
				'binaryPropertyName',
				'audioUrl',
				'audioBase64',
				'convert',
				'replyTo',
				'fileName',
				'mimeType',
			],
		],
	])('%s > %s has its fields', (resource, operation, fields) => {
		expect(names(shownFor(resource, operation))).toEqual([
			'connection',
			'resource',
			'operation',
			'to',
			...fields,
			'options',
		]);
	});

	test.each(['getStatus', 'linkDevice', 'logOut'])(
		'session > %s needs no recipient',
		(operation) => {
			expect(names(shownFor('session', operation))).toEqual([
				'connection',
				'resource',
				'operation',
				...(operation === 'linkDevice'
					? ['linkNotice', 'linkBy', 'phoneNumber', 'qrBinaryPropertyName']
					: []),
			]);
		},
	);

	test.each([
		['call', 'fake', ['embedded', 'ryzeApi']],
		['session', 'linkDevice', ['embedded']],
		['voiceMessage', 'send', ['embedded', 'ryzeApi', 'voiceApi']],
	])('%s > %s offers the connections', (resource, operation, connections) => {
		const field = shownFor(resource, operation).find(({ name }) => name === 'connection');
		expect((field?.options as INodePropertyOptions[]).map(({ value }) => value)).toEqual(
			connections,
		);
	});

	test('options: waiting for the outcome is for calls, the audio size where there is audio', () => {
		const always = ['pauseBetweenCallsSeconds', 'timeoutSeconds', 'waitWhenRateLimitedSeconds'];
		const outcome = ['waitAtMostSeconds', 'waitForOutcome'];
		const embedded = [
			'afterPlaying',
			'allowPrivateAddresses',
			'normaliseLoudness',
			'pauseBetweenCallsSeconds',
			'pauseBetweenRepeatsSeconds',
			'recordRecipient',
			'recordingBinaryPropertyName',
			'repeatTimes',
			'ringAtMostSeconds',
			'stayOnLineSeconds',
			'trimSilence',
		];
		expect(optionNames(shownFor('call', 'fake')).sort()).toEqual(
			[...always, ...outcome, 'pauseBetweenCallsSeconds'].sort(),
		);
		expect(new Set(optionNames(shownFor('call', 'audio')))).toEqual(
			new Set([...always, ...outcome, ...embedded, 'maximumAudioSizeMb']),
		);
		expect(new Set(optionNames(shownFor('voiceMessage', 'send')))).toEqual(
			new Set([
				...always,
				'maximumAudioSizeMb',
				'allowPrivateAddresses',
				'normaliseLoudness',
				'trimSilence',
			]),
		);
	});

	test('an option that only one connection has is shown with it only', () => {
		const waitForOutcome = shownFor('call', 'fake')
			.find(({ name }) => name === 'options')
			?.options?.find(({ name }) => name === 'waitForOutcome') as INodeProperties;
		expect(waitForOutcome.displayOptions?.show?.['/connection']).toEqual(['ryzeApi']);
	});

	test('each option appears once for each connection', () => {
		for (const [resource, operation] of [
			['call', 'fake'],
			['call', 'audio'],
			['voiceMessage', 'send'],
		] as const) {
			const options = shownFor(resource, operation).find(({ name }) => name === 'options')
				?.options as INodeProperties[];
			const keys = options.flatMap(({ name, displayOptions }) =>
				(displayOptions?.show?.['/connection'] ?? ['any']).map(
					(connection) => `${name} ${String(connection)}`,
				),
			);
			expect(new Set(keys).size).toBe(keys.length);
		}
	});

	test('each connection shows its own credential, and none depends on it in the way that hides the field', () => {
		const connections = ['embedded', 'ryzeApi', 'voiceApi'];
		const shown = (connection: string) =>
			(description.credentials ?? [])
				.filter(({ displayOptions }) => !displayOptions?.hide?.connection?.includes(connection))
				.map(({ name }) => name);
		expect(connections.map(shown)).toEqual([['whatsAppSession'], ['ryzeApi'], ['wawpApi']]);
		expect(description.credentials?.some(({ displayOptions }) => displayOptions?.show)).toBe(false);
	});

	test('icons, codex and the tests of the credentials are there', () => {
		const { light, dark } = description.icon as { light: string; dark: string };
		for (const icon of [light, dark]) {
			expect(existsSync(join(NODE_FOLDER, icon.replace('file:', '')))).toBe(true);
		}
		const codex = JSON.parse(readFileSync(join(NODE_FOLDER, 'WhatsAppCall.node.json'), 'utf8')) as {
			node: string;
			categories: string[];
			alias: string[];
		};
		expect(codex.node).toBe('n8n-nodes-whatsapp-call.whatsAppCall');
		expect(codex.categories).toEqual(['Communication']);
		expect(codex.alias).toEqual(
			expect.arrayContaining(['call', 'phone', 'ring', 'alert', 'voice']),
		);
		for (const { testedBy } of description.credentials ?? []) {
			expect(methods.credentialTest).toHaveProperty(testedBy as string);
		}
	});
});

describe('the credential of a session', () => {
	const { properties: fields, documentationUrl } = new WhatsAppSession();
	const shown = fields.filter(({ displayOptions }) => displayOptions === undefined);

	test('asks for a name and little else, unless the advanced settings are shown', () => {
		expect(names(shown)).toEqual([
			'notice',
			'sessionName',
			'passphrase',
			'callsPerDay',
			'advanced',
		]);
		expect(names(fields.filter((field) => !shown.includes(field)))).toEqual([
			'codec',
			'dataFolder',
			'keepAliveSeconds',
		]);
		expect(documentationUrl).toMatch(/^https:/);
	});

	test('does not show the passphrase', () => {
		const passphrase = fields.find(({ name }) => name === 'passphrase');
		expect(passphrase?.typeOptions?.password).toBe(true);
	});
});

describe('the credentials', () => {
	test.each([
		[new RyzeApi(), 'https://ryzeapi.cloud', ['baseUrl', 'instance', 'token']],
		[
			new WawpApi(),
			'https://api.wawp.net',
			['baseUrl', 'instanceId', 'accessToken', 'sendParametersAs'],
		],
	])(
		'%#: fields, default address, and secrets that are not shown',
		(credential, baseUrl, fields) => {
			expect(names(credential.properties)).toEqual(fields);
			expect(credential.properties[0]?.default).toBe(baseUrl);
			const secrets = credential.properties.filter(({ name }) => /token/i.test(name));
			expect(secrets).toHaveLength(1);
			expect(secrets[0]?.typeOptions?.password).toBe(true);
			expect(credential.documentationUrl).toMatch(/^https:/);
		},
	);
});
