import type { BinaryNode } from '../codecs';

export const SERVER_JID = '@s.whatsapp.net';

/** Builds a node; attributes that are undefined are left out. */
export function node(
	tag: string,
	attributes: Record<string, string | undefined> = {},
	content?: BinaryNode['content'],
): BinaryNode {
	const attrs: Record<string, string> = {};
	for (const [name, value] of Object.entries(attributes)) {
		if (value !== undefined) attrs[name] = value;
	}
	return content === undefined ? { tag, attrs } : { tag, attrs, content };
}

/** The child nodes, none when the content is text or bytes. */
export function children(parent: BinaryNode | undefined, tag?: string): BinaryNode[] {
	const all = Array.isArray(parent?.content) ? parent.content : [];
	return tag === undefined ? all : all.filter((child) => child.tag === tag);
}

/** The first child with this tag. */
export function child(parent: BinaryNode | undefined, tag: string): BinaryNode | undefined {
	return children(parent, tag)[0];
}

/** The content as bytes; text is UTF-8 (page 02, "content may be bytes or string"). */
export function bytes(of: BinaryNode | undefined): Buffer | undefined {
	if (typeof of?.content === 'string') return Buffer.from(of.content, 'utf8');
	return of?.content instanceof Uint8Array ? Buffer.from(of.content) : undefined;
}

/** The content as an unsigned big-endian number, as key and registration ids are written. */
export function uint(of: BinaryNode | undefined): number | undefined {
	const content = bytes(of);
	return content && content.length > 0 && content.length <= 6
		? content.readUIntBE(0, content.length)
		: undefined;
}

/** An unsigned number as `length` big-endian bytes. */
export function bigEndian(value: number, length: number): Buffer {
	const buffer = Buffer.alloc(length);
	buffer.writeUIntBE(value, 0, length);
	return buffer;
}

/** Unix time in seconds, as the attribute `t` wants it. */
export function now(): string {
	return Math.floor(Date.now() / 1000).toString();
}

/** The answer to an iq. */
export function iqResult(of: BinaryNode, content?: BinaryNode[]): BinaryNode {
	return node('iq', { from: SERVER_JID, type: 'result', id: of.attrs.id }, content);
}

/** A refused iq. */
export function iqError(of: BinaryNode, code: number, text: string): BinaryNode {
	return node('iq', { from: SERVER_JID, type: 'error', id: of.attrs.id }, [
		node('error', { code: String(code), text }),
	]);
}
