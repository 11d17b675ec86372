import type {
	ICredentialDataDecryptedObject,
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	IDataObject,
	INodeCredentialTestResult,
} from 'n8n-workflow';
import { CallError, type ErrorCode } from '../../common/errors';
import { asSentence, printable } from '../../common/text';
import type { ApiAnswer, Service } from './connections/api';
import { openSession } from './connections/embedded';
import { networkError } from './connections/networkError';
import { redacted } from './connections/redact';
import { requireSuccess, serverMessage } from './connections/serverAnswer';
import { readService, requireText } from './connections/service';

const TIMEOUT_MILLISECONDS = 20_000;

/** Where the usual hint speaks of a call that nobody wanted to place here. */
const HINTS_IN_A_TEST: Partial<Record<ErrorCode, string>> = {
	RATE_LIMITED: 'Wait a minute and test again.',
	SERVER_ERROR: 'Look at the state of the server, or test again later.',
};

const OK: INodeCredentialTestResult = { status: 'OK', message: 'Connection successful' };

/** Asks a RyzeAPI server for the instance: is the token right, is the instance there, is it connected? */
export async function testRyzeApi(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	return await asResult(async () => {
		const { baseUrl, instance, token } = fieldsOf(credential);
		const name = requireText(instance, 'Instance');
		const secret = requireText(token, 'Token');
		const service = readService('ryzeApi', baseUrl, [secret]);
		const answer = await ask(this, service, {
			method: 'GET',
			uri: `${service.baseUrl}/api/instance/list`,
			qs: { instanceName: name },
			headers: { token: secret },
		});
		if (answer.status === 404 && answer.json !== undefined) {
			throw unknownInstance(name);
		}
		return describeInstance(requireSuccess(answer, service, false), name);
	});
}

/**
 * Asks the Voice API for a message without a recipient and without a file, since it has no route
 * that only reads: nothing can be sent to anybody. 400 means that the token was right.
 */
export async function testWawpApi(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	return await asResult(async () => {
		const { baseUrl, instanceId, accessToken, sendParametersAs } = fieldsOf(credential);
		const secret = requireText(accessToken, 'Access Token');
		const who = { instance_id: requireText(instanceId, 'Instance ID'), access_token: secret };
		const service = readService('wawpApi', baseUrl, [secret]);
		const answer = await ask(this, service, {
			method: 'POST',
			uri: `${service.baseUrl}/v2/send/voice`,
			...(sendParametersAs === 'body' || sendParametersAs === undefined
				? { body: who }
				: { qs: who, ...(sendParametersAs === 'queryAndBody' && { body: {} }) }),
		});
		if (answer.status === 401 || answer.status === 403) {
			throw new CallError(
				'UNAUTHORIZED',
				`The API refuses the access token or the instance (${answer.status}): ${asSentence(serverMessage(answer.json))}`,
				{ hint: 'Copy Instance ID and Access Token again from the dashboard of the API.' },
			);
		}
		if (answer.status === 400 && answer.json !== undefined) {
			return OK;
		}
		requireSuccess(answer, service, false);
		throw new CallError(
			'BAD_RESPONSE',
			'The API accepted a message without recipient and file, so this is not the API that was expected',
		);
	});
}

/** Looks whether the session is linked to a phone, without connecting it. */
export async function testWhatsAppSession(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	return await asResult(async () => {
		const { phone, session } = await openSession(fieldsOf(credential), this.logger);
		const { state, number, lastError } = await phone.status();
		switch (state) {
			case 'linked':
			case 'connecting':
			case 'connected':
				return { status: 'OK', message: `Linked to +${number}` };
			case 'loggedOut':
				throw new CallError(
					'LOGGED_OUT',
					lastError?.message ?? `The session "${session.name}" was logged out`,
				);
			case 'restricted':
				throw new CallError(
					'ACCOUNT_RESTRICTED',
					lastError?.message ?? 'WhatsApp restricts this account',
				);
			default:
				throw new CallError(
					'NOT_LINKED',
					`The session "${session.name}" is not linked to a phone yet`,
					{
						hint: 'Save this credential and run the node once with Session > Link Device.',
					},
				);
		}
	});
}

function fieldsOf(credential: ICredentialsDecrypted): ICredentialDataDecryptedObject {
	return credential.data ?? {};
}

/** Every way a test can end as a sentence for the dialog. */
async function asResult(
	test: () => Promise<INodeCredentialTestResult>,
): Promise<INodeCredentialTestResult> {
	try {
		return await test();
	} catch (error) {
		const message =
			error instanceof CallError
				? `${asSentence(error.message)} ${HINTS_IN_A_TEST[error.code] ?? error.hint}`
				: 'The test itself failed: this is a fault of the node';
		return { status: 'Error', message };
	}
}

interface TestRequest {
	method: 'GET' | 'POST';
	uri: string;
	qs?: IDataObject;
	headers?: IDataObject;
	body?: IDataObject;
}

async function ask(
	functions: ICredentialTestFunctions,
	service: Service,
	request: TestRequest,
): Promise<ApiAnswer> {
	try {
		const answer = (await functions.helpers.request({
			...request,
			headers: { accept: 'application/json', ...request.headers },
			json: true,
			simple: false,
			resolveWithFullResponse: true,
			followRedirect: false,
			timeout: TIMEOUT_MILLISECONDS,
		})) as { statusCode: number; headers: Record<string, string>; body: unknown };
		const isObject = typeof answer.body === 'object' && answer.body !== null;
		return {
			status: answer.statusCode,
			headers: answer.headers,
			text: typeof answer.body === 'string' ? answer.body : '',
			json: redacted(isObject ? (answer.body as IDataObject) : undefined, service.secrets),
		};
	} catch (error) {
		throw networkError(error, service, false, undefined);
	}
}

function describeInstance(json: IDataObject, name: string): INodeCredentialTestResult {
	const found = instancesIn(json);
	const instance =
		found.find((one) => nameOf(one) === name) ?? (found.length === 1 ? found[0] : undefined);
	if (instance === undefined) {
		throw unknownInstance(name);
	}
	const state = (instance.connection as IDataObject | undefined)?.state;
	if (state === 'connected') {
		return OK;
	}
	throw new CallError(
		'INSTANCE_DISCONNECTED',
		`The token is right, but the instance "${printable(name, 60)}" is not connected to WhatsApp (${printable(String(state ?? 'state unknown'), 40)})`,
		{ hint: 'Connect it at the server by scanning its QR code, then test again.' },
	);
}

/** The instances in an answer; the name of the list is not documented, so every list is looked at. */
function instancesIn(json: IDataObject): IDataObject[] {
	return Object.values(json)
		.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]))
		.filter((value): value is IDataObject => typeof value === 'object' && value !== null)
		.filter((value) => 'connection' in value);
}

function nameOf({ name, instanceName }: IDataObject): unknown {
	return name ?? instanceName;
}

function unknownInstance(name: string): CallError {
	return new CallError(
		'INSTANCE_NOT_FOUND',
		`The server has no instance "${printable(name, 60)}" for this token`,
	);
}
