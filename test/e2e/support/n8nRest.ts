import type { StoredCredential } from './workflow';
import { waitUntil } from './waitUntil';

const REQUEST_TIMEOUT_MS = 30_000;
const WEBHOOK_TIMEOUT_MS = 30_000;

/** n8n binds a session to the browser that logged in; this header names it. */
const BROWSER_ID = 'e2e-browser';

/** The account that the tests set up; it lives as long as its user folder. */
export const OWNER = {
	email: 'owner@example.com',
	firstName: 'Olivia',
	lastName: 'Owner',
	password: 'Throw-away-1',
};

/** An answer of n8n. `body` is parsed JSON, or undefined when there is none. */
export interface Answer {
	status: number;
	body: unknown;
}

/** What n8n says about a credential that it has tested. */
export interface CredentialTest {
	status: 'OK' | 'Error';
	message: string;
}

/** n8n's own REST API, as its editor uses it. */
export class N8nRest {
	private cookie = '';

	private constructor(private readonly url: string) {}

	/** Sets the owner up, if that has not happened yet, and logs in. */
	static async logIn(url: string): Promise<N8nRest> {
		const rest = new N8nRest(url);
		await rest.request('POST', '/rest/owner/setup', OWNER);
		const login = { emailOrLdapLoginId: OWNER.email, password: OWNER.password };
		expectStatus(200, await rest.request('POST', '/rest/login', login));
		return rest;
	}

	/** The test that the button of the credential's dialog starts. */
	async testCredential(credential: StoredCredential): Promise<CredentialTest> {
		const answer = await this.request('POST', '/rest/credentials/test', {
			credentials: credential,
		});
		return data(expectStatus(200, answer)) as CredentialTest;
	}

	/** Makes the webhooks of a stored workflow reachable. */
	async activate(workflowId: string): Promise<void> {
		const path = `/rest/workflows/${workflowId}`;
		const { versionId } = data(expectStatus(200, await this.request('GET', path))) as {
			versionId: string;
		};
		const answer = await this.request('POST', `${path}/activate`, { versionId });
		if (answer.status !== 404) {
			expectStatus(200, answer);
			return;
		}
		// n8n 1.x has no route of its own for it.
		expectStatus(200, await this.request('PATCH', path, { active: true, versionId }));
	}

	/** Calls a webhook; n8n 2.x registers it a moment after the activation, until then it is a 404. */
	async callWebhook(path: string, body: object): Promise<Answer> {
		return await waitUntil(
			`The webhook ${path}`,
			async () => {
				const answer = await this.request('POST', `/webhook/${path}`, body);
				return answer.status === 404 ? undefined : answer;
			},
			WEBHOOK_TIMEOUT_MS,
		);
	}

	/** Everything that n8n keeps of the executions of a workflow, newest first. */
	async executions(workflowId: string): Promise<unknown[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const list = data(
			expectStatus(200, await this.request('GET', `/rest/executions?filter=${filter}`)),
		) as { results: Array<{ id: string }> };
		const executions = [];
		for (const { id } of list.results) {
			executions.push(data(expectStatus(200, await this.request('GET', `/rest/executions/${id}`))));
		}
		return executions;
	}

	/** What n8n tells the editor about the node types that it has loaded. */
	async nodeTypes(): Promise<Array<{ name: string; displayName: string }>> {
		const answer = expectStatus(200, await this.request('GET', '/types/nodes.json'));
		return answer.body as Array<{ name: string; displayName: string }>;
	}

	async request(method: 'GET' | 'PATCH' | 'POST', path: string, body?: object): Promise<Answer> {
		const response = await fetch(this.url + path, {
			method,
			headers: {
				'browser-id': BROWSER_ID,
				cookie: this.cookie,
				...(body && { 'content-type': 'application/json' }),
			},
			body: body && JSON.stringify(body),
			signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
		});
		for (const cookie of response.headers.getSetCookie()) {
			if (cookie.startsWith('n8n-auth=')) this.cookie = cookie.split(';')[0] ?? '';
		}
		return { status: response.status, body: parse(await response.text()) };
	}
}

function expectStatus(status: number, answer: Answer): Answer {
	if (answer.status === status) return answer;
	throw new Error(`n8n answered ${answer.status}: ${JSON.stringify(answer.body)}`);
}

/** n8n wraps what it answers in `{data}`. */
function data(answer: Answer): unknown {
	return (answer.body as { data: unknown }).data;
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
