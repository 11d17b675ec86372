/** The pending tasks of a network. */
export class Timers {
	private readonly pending = new Set<NodeJS.Timeout>();
	private ended = false;

	/** Runs a task later; answers how to cancel it. After the end, nothing runs any more. */
	after(milliseconds: number, task: () => void): () => void {
		if (this.ended) return () => undefined;
		const timer = setTimeout(() => {
			this.pending.delete(timer);
			task();
		}, milliseconds);
		this.pending.add(timer);
		return () => {
			clearTimeout(timer);
			this.pending.delete(timer);
		};
	}

	/** Forgets every task. */
	end(): void {
		this.ended = true;
		for (const timer of this.pending) clearTimeout(timer);
		this.pending.clear();
	}
}
