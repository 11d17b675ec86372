import { parseAddress } from '../../../common/address';
import { CallError } from '../../../common/errors';
import type { Operation, OperationContext } from './operation';

const show = { resource: ['session'], operation: ['linkDevice'] };
const QR_PIXELS = 512;

/** Starts to link the session to a phone, or gives the current code of the link under way. */
export const linkDevice: Operation = {
	name: 'linkDevice',
	fields: [
		{
			displayName:
				'The link goes on in the background for 3 minutes after this node has ended. Run the node again to see the current code, or whether the phone is linked.',
			name: 'linkNotice',
			type: 'notice',
			default: '',
			displayOptions: { show },
		},
		{
			displayName: 'Link By',
			name: 'linkBy',
			type: 'options',
			options: [
				{
					name: 'Pairing Code',
					value: 'pairingCode',
					description: 'Eight characters to type on the phone',
				},
				{
					name: 'QR Code',
					value: 'qrCode',
					description: 'A picture to scan with the phone, as a binary file and as text',
				},
			],
			default: 'pairingCode',
			description: 'How the phone accepts the new device',
			displayOptions: { show },
		},
		{
			displayName: 'Phone Number',
			name: 'phoneNumber',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. +55 11 99999-9999',
			description: 'Number of the WhatsApp account that is to place the calls, with country code',
			displayOptions: { show: { ...show, linkBy: ['pairingCode'] } },
		},
		{
			displayName: 'Put QR Code in Field',
			name: 'qrBinaryPropertyName',
			type: 'string',
			required: true,
			default: 'data',
			hint: 'The name of the output binary field to put the picture in',
			displayOptions: { show: { ...show, linkBy: ['qrCode'] } },
		},
	],
	async execute(context) {
		const { functions, itemIndex, connection } = context;
		if (functions.getNodeParameter('linkBy', itemIndex, 'pairingCode') !== 'qrCode') {
			return { json: await connection.linkDevice({ phone: readPhoneNumber(context) }) };
		}
		const field = readFieldName(context);
		const json = await connection.linkDevice({});
		if (json.qr === undefined) {
			return { json };
		}
		const picture = await functions.helpers.prepareBinaryData(
			await drawQrCode(json.qr),
			'whatsapp-qr-code.png',
			'image/png',
		);
		return { json, binary: { [field]: picture } };
	},
};

/** @throws CallError INVALID_NUMBER */
function readPhoneNumber({ functions, itemIndex }: OperationContext): string {
	const address = parseAddress(functions.getNodeParameter('phoneNumber', itemIndex, ''));
	if (address.kind !== 'phone') {
		throw new CallError('INVALID_NUMBER', 'A pairing code needs the telephone number of the phone');
	}
	return address.number;
}

/** @throws CallError INVALID_OPTION */
function readFieldName({ functions, itemIndex }: OperationContext): string {
	const name: unknown = functions.getNodeParameter('qrBinaryPropertyName', itemIndex, 'data');
	if (typeof name !== 'string' || name.trim() === '') {
		throw new CallError('INVALID_OPTION', 'The field "Put QR Code in Field" is empty', {
			hint: 'Enter the name of a binary field, for example data.',
		});
	}
	return name.trim();
}

async function drawQrCode(text: string): Promise<Buffer> {
	const { toBuffer } = await import('qrcode');
	return await toBuffer(text, { type: 'png', width: QR_PIXELS, errorCorrectionLevel: 'L' });
}
