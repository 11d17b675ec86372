import type { BinaryNode } from '../codecs';
import type { NetworkContext } from '../context';
import type { LinkedDevice } from '../linkedDevice';
import { child, children, iqError, iqResult, node } from '../wire/node';
import { answerEncrypt } from './preKeys';
import { answerTokens } from './tokens';
import { answerUsync } from './usync';

const MEDIA_TTL_SECONDS = 3_600;

/** What a client asks after login and that has nothing to do with calls. */
export class AccountServices {
	constructor(private readonly context: NetworkContext) {}

	/** The answer to an iq of a linked device. Unknown ones are a fault and answered with 501. */
	answer(sender: LinkedDevice, iq: BinaryNode): BinaryNode {
		const { xmlns, type, id } = iq.attrs;
		if (id === undefined || (type !== 'get' && type !== 'set' && xmlns !== 'w:stats')) {
			this.context.faults.add('unexpected-iq', `without id or type: ${JSON.stringify(iq.attrs)}`);
		}
		switch (xmlns) {
			case 'w:p':
			case 'passive':
			case 'w:stats':
			case 'urn:xmpp:whatsapp:dirty':
				return iqResult(iq);
			case 'encrypt':
				return answerEncrypt(this.context, sender, iq);
			case 'usync':
				return answerUsync(iq, this.context.directory);
			case 'privacy':
				return child(iq, 'tokens') ? answerTokens(this.context, sender, iq) : privacySettings(iq);
			case 'blocklist':
				return iqResult(iq, [node('list')]);
			case 'abt':
				return iqResult(iq, [node('props', { protocol: '1', hash: 'simulator' }, [])]);
			case 'w:sync:app:state':
				return emptyAppState(iq);
			case 'w:m':
				return this.mediaConnection(iq);
			case 'w:g2': {
				const answer = this.context.chats.answer(sender, iq);
				if (answer) return answer;
				break;
			}
			default:
				break;
		}
		const tags = children(iq).map(({ tag }) => tag);
		this.context.faults.add('unexpected-iq', `${type} ${xmlns} <${tags.join('> <')}>`);
		return iqError(iq, 501, 'feature-not-implemented');
	}

	private mediaConnection(iq: BinaryNode): BinaryNode {
		const { media, settings } = this.context;
		const attributes = { auth: media.auth, ttl: String(MEDIA_TTL_SECONDS) };
		const host = node('host', { hostname: settings.mediaHost ?? media.name });
		return iqResult(iq, [node('media_conn', attributes, [host])]);
	}
}

function privacySettings(iq: BinaryNode): BinaryNode {
	const category = node('category', { name: 'readreceipts', value: 'all' });
	return iqResult(iq, [node('privacy', {}, [category])]);
}

/** No app state: every collection is at the version that the client has. */
function emptyAppState(iq: BinaryNode): BinaryNode {
	const collections = children(child(iq, 'sync'), 'collection').map(({ attrs }) =>
		node('collection', { name: attrs.name, version: attrs.version, type: 'result' }),
	);
	return iqResult(iq, [node('sync', {}, collections)]);
}
