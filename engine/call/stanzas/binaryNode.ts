/**
 * An element of WhatsApp's binary XML, in the shape that Baileys encodes and decodes.
 * Declared here so that the call engine needs no Baileys: bytes are somebody else's business.
 */
export interface BinaryNode {
	tag: string;
	attrs: Record<string, string>;
	content?: BinaryNode[] | string | Uint8Array;
}

/** Whether `value` can be read as an element. What comes from the network is `unknown` until then. */
export function isBinaryNode(value: unknown): value is BinaryNode {
	if (typeof value !== 'object' || value === null) {
		return false;
	}
	const { tag, attrs } = value as Partial<Record<'attrs' | 'tag', unknown>>;
	return typeof tag === 'string' && typeof attrs === 'object' && attrs !== null;
}

/** The children of an element that are elements; none where its content is text, bytes or missing. */
export function childrenOf(node: BinaryNode): BinaryNode[] {
	const content: unknown = node.content;
	return Array.isArray(content) ? content.filter(isBinaryNode) : [];
}

/** The first child with this tag. */
export function childOf(node: BinaryNode, tag: string): BinaryNode | undefined {
	return childrenOf(node).find((child) => child.tag === tag);
}

/** An attribute, when it is there and not empty. */
export function attributeOf(node: BinaryNode, name: string): string | undefined {
	const value: unknown = Object.hasOwn(node.attrs, name) ? node.attrs[name] : undefined;
	return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The bytes of an element; text counts as UTF-8 (protocol page 02, section 5). */
export function bytesOf(node: BinaryNode): Uint8Array | undefined {
	if (typeof node.content === 'string') {
		return Buffer.from(node.content, 'utf8');
	}
	return node.content instanceof Uint8Array ? node.content : undefined;
}

/** How deep a search goes: WhatsApp nests five elements, a hostile server thousands. */
const MAXIMUM_DEPTH = 8;

/** The first element with this tag anywhere below `node`, level by level. */
export function findBelow(node: BinaryNode, tag: string): BinaryNode | undefined {
	let level = childrenOf(node);
	for (let depth = 0; depth < MAXIMUM_DEPTH && level.length > 0; depth += 1) {
		const found = level.find((child) => child.tag === tag);
		if (found !== undefined) {
			return found;
		}
		level = level.flatMap(childrenOf);
	}
	return undefined;
}
