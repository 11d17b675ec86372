import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { INodeParameters, INodeProperties } from 'n8n-workflow';
import { ERRORS } from '../common/errors';
import { RyzeApi } from '../credentials/RyzeApi.credentials';
import { WawpApi } from '../credentials/WawpApi.credentials';
import { WhatsAppSession } from '../credentials/WhatsAppSession.credentials';
import { N8N_CODE, UNKNOWN_CODE } from '../nodes/WhatsAppCall/nodeError';
import { WhatsAppCall } from '../nodes/WhatsAppCall/WhatsAppCall.node';

const ROOT = join(__dirname, '..');
const NODE_TYPE = 'n8n-nodes-whatsapp-call.whatsAppCall';

const PAGES = [
	{ page: 'docs/call-fake.md', resource: 'call', operation: 'fake' },
	{ page: 'docs/call-audio.md', resource: 'call', operation: 'audio' },
	{ page: 'docs/session.md', resource: 'session', operation: 'linkDevice' },
	{ page: 'docs/voice-message-send.md', resource: 'voiceMessage', operation: 'send' },
];

const { description } = new WhatsAppCall();
const CODES = [...Object.keys(ERRORS), N8N_CODE, UNKNOWN_CODE];
const markdownFiles = [
	'README.md',
	'CHANGELOG.md',
	...filesIn('docs').filter((file) => file.endsWith('.md')),
];
const workflowFiles = filesIn('docs/workflows');

function filesIn(folder: string): string[] {
	return readdirSync(join(ROOT, folder), { withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => `${folder}/${entry.name}`);
}

function read(file: string): string {
	return readFileSync(join(ROOT, file), 'utf8');
}

/** The tables of a page: their rows, each a list of cells; the header comes first. */
function tables(file: string): string[][][] {
	const blocks = read(file).match(/(^\|.*\n)+/gm) ?? [];
	return blocks.map((block) =>
		block
			.trimEnd()
			.split('\n')
			.filter((line) => !/^[|\s-]+$/.test(line))
			.map((line) =>
				line
					.slice(1, -1)
					.split('|')
					.map((cell) => cell.trim()),
			),
	);
}

/** The rows of the tables that have these headers. */
function rowsUnder(file: string, ...headers: string[]): string[][] {
	return tables(file)
		.filter(([header]) => headers.every((name) => header?.includes(name)))
		.flatMap((rows) => rows.slice(1));
}

function headings(file: string): string[] {
	return withoutCode(read(file)).match(/(?<=^#{1,6} ).+$/gm) ?? [];
}

function withoutCode(markdown: string): string {
	return markdown.replace(/^```[^]*?^```$/gm, '');
}

/** The anchor of a heading, as GitHub and npm make it. */
function anchorOf(heading: string): string {
	return heading
		.toLowerCase()
		.replace(/[^\p{L}\p{N}\s_-]/gu, '')
		.replace(/\s/g, '-');
}

/** The fields that the panel can show for an operation, and the entries of its options. */
function fieldsOf(resource: string, operation: string): INodeProperties[] {
	const fields = description.properties.filter(({ displayOptions }) => {
		const { resource: resources, operation: operations } = displayOptions?.show ?? {};
		return (resources?.includes(resource) ?? true) && (operations?.includes(operation) ?? true);
	});
	return fields
		.flatMap((field) => [field, ...entriesOf(field)])
		.filter(({ type }) => type !== 'notice');
}

/** The fields of each name: every connection brings its own copy of the options that it shares. */
function byName(fields: INodeProperties[]): Array<[string, INodeProperties[]]> {
	const names = [...new Set(fields.map(({ displayName }) => displayName))];
	return names.map((name) => [name, fields.filter(({ displayName }) => displayName === name)]);
}

function entriesOf({ type, options }: INodeProperties): INodeProperties[] {
	return type === 'collection' ? ((options ?? []) as INodeProperties[]) : [];
}

function choicesOf({ type, options }: INodeProperties): Array<{ name: string; value: unknown }> {
	return type === 'options' ? ((options ?? []) as Array<{ name: string; value: unknown }>) : [];
}

/** How a page writes the default of a field. */
function writtenDefault(field: INodeProperties): string {
	switch (field.type) {
		case 'options':
			return choicesOf(field).find(({ value }) => value === field.default)?.name ?? '?';
		case 'boolean':
			return field.default === true ? 'on' : 'off';
		case 'collection':
			return 'none';
		case 'string':
			return field.default === '' ? 'empty' : `\`${String(field.default)}\``;
		default:
			return String(field.default);
	}
}

describe.each(PAGES)('$page', ({ page, resource, operation }) => {
	const fields = fieldsOf(resource, operation);
	const rows = rowsUnder(page, 'Type', 'Default', 'What it does');

	it.each(byName(fields))(
		'tells the field "%s" with its default, limits and choices',
		(displayName, copies) => {
			const [field] = copies as [INodeProperties];
			const row = rows.find(([name]) => name === displayName);
			expect(row?.[2]).toBe([...new Set(copies.map(writtenDefault))].join(' or '));
			const { minValue, maxValue } = field.typeOptions ?? {};
			if (maxValue !== undefined) {
				expect(row?.[3]).toContain(`${minValue} to ${maxValue}`);
			}
			if (field.name !== 'resource' && field.name !== 'operation') {
				for (const { name } of choicesOf(field)) {
					expect(read(page)).toContain(name);
				}
			}
		},
	);

	it('tells no field that the panel does not have', () => {
		const names = fields.map(({ displayName }) => displayName);
		expect(rows.map(([name]) => name).filter((name) => !names.includes(name ?? ''))).toEqual([]);
	});

	it('names only error codes that exist, each with a link to its explanation', () => {
		const named = rowsUnder(page, 'Code').map(([code]) => code ?? '');
		expect(named.length).toBeGreaterThan(0);
		const written = CODES.map((code) => `[${code}](troubleshooting.md#${code.toLowerCase()})`);
		expect(named.filter((cell) => !written.includes(cell))).toEqual([]);
	});
});

describe('README.md', () => {
	const fields = [new RyzeApi(), new WawpApi(), new WhatsAppSession()]
		.flatMap(({ properties }) => properties)
		.filter(({ type }) => type !== 'notice');

	it.each(fields.map((field) => [field.displayName, field] as const))(
		'tells the credential field "%s"',
		(displayName, field) => {
			const defaults = rowsUnder('README.md', 'Default', 'What to enter')
				.filter(([name]) => name === displayName)
				.map(([, initial]) => initial);
			expect(defaults).toContain(writtenDefault(field));
			for (const { name } of choicesOf(field)) {
				expect(read('README.md')).toContain(`**${name}**`);
			}
		},
	);
});

describe('docs/troubleshooting.md', () => {
	it('has a heading for every error code, and for no other', () => {
		const codes = read('docs/troubleshooting.md').match(/(?<=^### )[A-Z0-9_]+$/gm) ?? [];
		expect([...codes].sort()).toEqual([...CODES].sort());
	});
});

describe.each(markdownFiles)('%s', (file) => {
	const targets = [...withoutCode(read(file)).matchAll(/\]\(([^)\s]+)\)/g)]
		.map(([, target]) => target ?? '')
		.filter((target) => !/^[a-z]+:/i.test(target));

	it('links only to files and headings that exist', () => {
		const broken = targets.filter((target) => {
			const [path = '', anchor] = target.split('#');
			const linked = path === '' ? file : join(dirname(file), path);
			return (
				!existsSync(join(ROOT, linked)) ||
				(anchor !== undefined && !headings(linked).map(anchorOf).includes(anchor))
			);
		});
		expect(broken).toEqual([]);
	});
});

interface WorkflowFile {
	name: string;
	nodes: Array<{
		id: string;
		name: string;
		type: string;
		typeVersion: number;
		credentials?: unknown;
		parameters: INodeParameters;
	}>;
	connections: Record<string, { main: Array<Array<{ node: string }>> }>;
}

/** What is wrong with the parameters of a WhatsApp Call node. */
function faultsOf(parameters: INodeParameters): string[] {
	const fields = description.properties.filter((field) => isShown(field, parameters));
	return faultsAmong(fields, parameters, parameters);
}

function faultsAmong(
	fields: INodeProperties[],
	values: INodeParameters,
	parameters: INodeParameters,
): string[] {
	return Object.entries(values).flatMap(([name, value]) => {
		const field = fields.find((one) => one.name === name);
		if (field === undefined) {
			return [`there is no field ${name}`];
		}
		const choices = choicesOf(field).map((choice) => choice.value);
		if (choices.length > 0 && !choices.includes(value)) {
			return [`${name} cannot be ${JSON.stringify(value)}`];
		}
		const entries = entriesOf(field).filter((entry) => isShown(entry, parameters));
		return field.type === 'collection'
			? faultsAmong(entries, value as INodeParameters, parameters)
			: [];
	});
}

function isShown({ displayOptions }: INodeProperties, parameters: INodeParameters): boolean {
	return Object.entries(displayOptions?.show ?? {}).every(([name, values]) =>
		values?.some((value) => value === parameters[name.replace('/', '')]),
	);
}

describe.each(workflowFiles)('%s', (file) => {
	const workflow = JSON.parse(read(file)) as WorkflowFile;
	const ours = workflow.nodes.filter(({ type }) => type === NODE_TYPE);

	it('uses the node with fields and values that it has', () => {
		expect(ours.length).toBeGreaterThan(0);
		for (const { parameters, typeVersion } of ours) {
			expect(typeVersion).toBe(description.version);
			expect(faultsOf(parameters)).toEqual([]);
		}
	});

	it('says in a note what to fill in, and brings no credentials', () => {
		expect(workflow.nodes.map(({ type }) => type)).toContain('n8n-nodes-base.stickyNote');
		expect(workflow.nodes.filter(({ credentials }) => credentials !== undefined)).toEqual([]);
	});

	it('connects nodes that it has', () => {
		const connected = Object.entries(workflow.connections).flatMap(([from, { main }]) => [
			from,
			...main.flat().map(({ node }) => node),
		]);
		const names = workflow.nodes.map(({ name }) => name);
		expect(connected.filter((name) => !names.includes(name))).toEqual([]);
	});
});
