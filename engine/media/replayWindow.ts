/** RFC 3711 section 3.3.2 wants 64 at least, the protocol just that. */
const WINDOW_PACKETS = 64;

/** Tells packets that were seen before, or may have been: what is older than the window. */
export class ReplayWindow {
	private highest = -1;
	/** The index that was last seen at each remainder. */
	private readonly seen = new Float64Array(WINDOW_PACKETS).fill(-1);

	/** @param index of a packet; a whole number from 0 on */
	isNew(index: number): boolean {
		return index > this.highest - WINDOW_PACKETS && this.seen[index % WINDOW_PACKETS] !== index;
	}

	/** @param index of an authentic packet for which isNew() was true */
	add(index: number): void {
		this.highest = Math.max(this.highest, index);
		this.seen[index % WINDOW_PACKETS] = index;
	}
}
