import { join } from 'node:path';
import { CLIPS } from './paths';
import { readFile, whatsAppCall, workflow } from './workflow';
import type { StoredCredential, Workflow } from './workflow';

/** Whom the workflow of the pictures calls. */
export const ON_CALL = { name: 'Ana', phone: '+55 11 99999-9999' };

/** Names of the three WhatsApp Call nodes in the workflow of the pictures. */
export const CALLERS = {
	fake: 'Ring and Hang Up',
	audio: 'Play the Recording',
	voice: 'Leave a Voice Note',
} as const;

/** A workflow with all three operations, made to be looked at. */
export function alertWorkflow(ryzeApi: StoredCredential): Workflow {
	const to = '={{ $json.phone }}';
	const call = { connection: 'ryzeApi', resource: 'call', to };
	const binary = { audioSource: 'binary', binaryPropertyName: 'data' };
	const [trigger, recording, onCall] = ['Every 5 Minutes', 'Read the Recording', 'Who Is on Call'];
	return workflow(
		'Wake the one on call',
		[
			{
				name: trigger,
				type: 'n8n-nodes-base.scheduleTrigger',
				typeVersion: 1.2,
				parameters: { rule: { interval: [{ field: 'minutes' }] } },
				position: [0, 208],
			},
			{ ...readFile(join(CLIPS, 'alert.mp3'), recording), position: [224, 208] },
			{
				name: onCall,
				type: 'n8n-nodes-base.set',
				typeVersion: 3.4,
				parameters: {
					mode: 'raw',
					jsonOutput: JSON.stringify(ON_CALL),
					// Only with other fields does this node keep the file, too.
					includeOtherFields: true,
					include: 'selected',
					includeFields: 'fileName',
					options: {},
				},
				position: [448, 208],
			},
			whatsAppCall(
				CALLERS.fake,
				{ ...call, operation: 'fake', options: { waitForOutcome: true } },
				ryzeApi,
				{ position: [704, 0] },
			),
			whatsAppCall(CALLERS.audio, { ...call, operation: 'audio', ...binary }, ryzeApi, {
				position: [704, 208],
			}),
			whatsAppCall(
				CALLERS.voice,
				{ connection: 'ryzeApi', resource: 'voiceMessage', operation: 'send', to, ...binary },
				ryzeApi,
				{ position: [704, 416] },
			),
		],
		[
			[trigger, recording],
			[recording, onCall],
			[onCall, CALLERS.fake],
			[onCall, CALLERS.audio],
			[onCall, CALLERS.voice],
		],
	);
}
