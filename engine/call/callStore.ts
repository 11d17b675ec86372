/** A few small texts that outlive the process, kept beside the session. Writes are atomic. */
export interface CallStore {
	/** What was written last, or undefined. */
	read(name: string): Promise<string | undefined>;
	write(name: string, text: string): Promise<void>;
}

/** A list kept as JSON. Whatever else is found there counts as nothing. */
export async function readList(store: CallStore, name: string): Promise<unknown[]> {
	const text = await store.read(name);
	if (text === undefined) {
		return [];
	}
	try {
		const list: unknown = JSON.parse(text);
		return Array.isArray(list) ? list : [];
	} catch {
		return [];
	}
}
