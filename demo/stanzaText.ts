import type { BinaryNode } from '@whiskeysockets/baileys' with { 'resolution-mode': 'import' };

/** A stanza as text; of bytes only how many there are. */
export function stanzaText(stanza: BinaryNode, indent = ''): string {
	const { tag, attrs, content } = stanza;
	const attributes = Object.entries(attrs)
		.map(([name, value]) => ` ${name}="${value}"`)
		.join('');
	const open = `${indent}<${tag}${attributes}`;
	if (content === undefined) return `${open}/>`;
	if (typeof content === 'string') return `${open}>${content}</${tag}>`;
	if (!Array.isArray(content)) return `${open}>[${content.length} bytes]</${tag}>`;
	if (content.length === 0) return `${open}/>`;
	const inner = content.map((one) => stanzaText(one, `${indent}  `)).join('\n');
	return `${open}>\n${inner}\n${indent}</${tag}>`;
}

/** What a stanza is about, in a few words: `call › offer`. */
export function stanzaTitle({ tag, attrs, content }: BinaryNode): string {
	const [first] = Array.isArray(content) ? content : [];
	switch (tag) {
		case 'ack':
			return `ack of ${attrs.class ?? '?'}${attrs.type === undefined ? '' : ` › ${attrs.type}`}`;
		case 'iq':
			return `iq ${attrs.type ?? ''} ${attrs.xmlns ?? first?.tag ?? ''}`.trimEnd();
		case 'receipt':
			return `receipt${first ? ` › ${first.tag}` : ''}`;
		case 'call':
		case 'ib':
		case 'notification':
			return `${tag}${first ? ` › ${first.tag}` : ''}`;
		default:
			return tag;
	}
}

/** Whether a stanza belongs to a call or a message; the rest keeps the connection going. */
export function isAboutTalk({ tag, attrs }: BinaryNode): boolean {
	switch (tag) {
		case 'call':
		case 'message':
		case 'receipt':
			return true;
		case 'ack':
			return attrs.class === 'call' || attrs.class === 'message' || attrs.class === 'receipt';
		default:
			return false;
	}
}
