import type { CallReport } from '../common/report';
import type { MediaSummary } from './media/messages';

const MILLISECONDS_PER_SECOND = 1_000;

/** What the media tells of an answered call; how much was played is at most all there was. */
export function soundReport(
	{ answeredAt }: CallReport,
	audioSeconds: number,
	rounds: number,
	summary: MediaSummary | undefined,
): Partial<CallReport> {
	const played = Math.min(
		(summary?.playedMs ?? 0) / MILLISECONDS_PER_SECOND,
		audioSeconds * rounds,
	);
	return {
		audioSeconds: roundedSeconds(audioSeconds),
		...(answeredAt !== undefined && { playedSeconds: roundedSeconds(played) }),
		...(summary !== undefined && { codecSent: summary.codecSent }),
		...(summary?.recipientCodec !== undefined && { recipientCodec: summary.recipientCodec }),
	};
}

function roundedSeconds(seconds: number): number {
	return Math.round(seconds * MILLISECONDS_PER_SECOND) / MILLISECONDS_PER_SECOND;
}
