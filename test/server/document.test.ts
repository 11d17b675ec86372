import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { House } from './support/house';

const PAGE = readFileSync(join(__dirname, '../../docs/server.md'), 'utf8');

interface OpenApi {
	openapi: string;
	info: { title: string; version: string };
	paths: Record<string, Record<string, { summary?: string; requestBody?: unknown }>>;
}

describe('the OpenAPI document', () => {
	let house: House;
	let document: OpenApi;

	beforeAll(async () => {
		house = await House.start();
		document = (await house.send('/openapi.json', { token: null })).body as OpenApi;
	});
	afterAll(async () => house.close());

	function operations(): [string, { summary?: string }][] {
		return Object.entries(document.paths).flatMap(([path, methods]) =>
			Object.entries(methods).map(([method, operation]): [string, { summary?: string }] => [
				`${method.toUpperCase()} ${path}`,
				operation,
			]),
		);
	}

	it('has every route, each with a sentence', () => {
		expect(document.openapi).toBe('3.1.0');
		expect(
			operations()
				.map(([name]) => name)
				.sort(),
		).toEqual([
			'DELETE /api/instance/{instance}',
			'GET /api/call/{instance}/{callId}',
			'GET /api/call/{instance}/{callId}/recording',
			'GET /api/events/getWebsocket/{instance}',
			'GET /api/instance/connect/{instance}',
			'GET /api/instance/list',
			'GET /healthz',
			'GET /metrics',
			'GET /readyz',
			'GET /ws/{instance}',
			'POST /api/call/audio/{instance}',
			'POST /api/call/fake/{instance}',
			'POST /api/events/websocket/{instance}',
			'POST /api/instance/logout/{instance}',
			'POST /api/instance/new',
			'POST /api/message/media/{instance}',
			'POST /v2/send/voice',
		]);
		expect(operations().filter(([, { summary = '' }]) => summary === '')).toEqual([]);
	});

	it('has nothing that docs/server.md does not tell', () => {
		const routes = operations().map(([name]) =>
			name.replace(/\{(\w+)\}/g, (_whole, parameter: string) => `:${parameter}`),
		);
		expect(routes.filter((route) => !PAGE.includes(`\`${route}`))).toEqual([]);
	});

	it('describes bodies', () => {
		expect(document.paths['/api/call/fake/{instance}']?.post?.requestBody).toMatchObject({
			content: {
				'application/json': {
					schema: { required: ['number'], properties: { duration: { type: 'integer' } } },
				},
			},
		});
	});
});
