import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { systemClock } from '../../common/clock';
import { testRyzeApi, testWawpApi, testWhatsAppSession } from './credentialTests';
import { properties } from './operations';
import { run } from './run';

export class WhatsAppCall implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'WhatsApp Call',
		name: 'whatsAppCall',
		icon: { light: 'file:whatsAppCall.svg', dark: 'file:whatsAppCall.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["resource"] + ": " + $parameter["operation"] }}',
		description:
			'Ring a WhatsApp number, play a recording to whoever answers, or send a voice note',
		defaults: { name: 'WhatsApp Call' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		// Hidden rather than shown by connection: of a field on which all credentials depend by "show",
		// n8n's editor takes it for a mere choice of authentication and leaves it out of the panel.
		credentials: [
			{
				name: 'ryzeApi',
				required: true,
				testedBy: 'testRyzeApi',
				displayOptions: { hide: { connection: ['embedded', 'voiceApi'] } },
			},
			{
				name: 'wawpApi',
				required: true,
				testedBy: 'testWawpApi',
				displayOptions: { hide: { connection: ['embedded', 'ryzeApi'] } },
			},
			{
				name: 'whatsAppSession',
				required: true,
				testedBy: 'testWhatsAppSession',
				displayOptions: { hide: { connection: ['ryzeApi', 'voiceApi'] } },
			},
		],
		properties,
	};

	methods = { credentialTest: { testRyzeApi, testWawpApi, testWhatsAppSession } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await run(this, systemClock);
	}
}
