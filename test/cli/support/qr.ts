import { stripVTControlCharacters } from 'node:util';
import jsQR from 'jsqr';

/** Pixels of the picture for each square. */
const SCALE = 4;
/** White around the drawing, in squares: a terminal has none of its own. */
const MARGIN = 4;
/** The upper half of a line is white and nothing is below: looks like black above white otherwise. */
const HALF_A_LINE = '\x1b[37m▀';

/** Scans a QR code that was drawn into a terminal, two squares in each character. */
export function scanDrawing(drawing: string): string | undefined {
	const lines = stripVTControlCharacters(drawing.replaceAll(HALF_A_LINE, ' '))
		.split('\n')
		.filter((line) => line !== '');
	const squares = lines.flatMap((line) => [
		[...line].map((character) => '▀█'.includes(character)),
		[...line].map((character) => '▄█'.includes(character)),
	]);
	const side = (Math.max(squares.length, squares[0]?.length ?? 0) + 2 * MARGIN) * SCALE;
	const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
	for (let y = 0; y < side; y += 1) {
		for (let x = 0; x < side; x += 1) {
			const isBlack = squares[Math.floor(y / SCALE) - MARGIN]?.[Math.floor(x / SCALE) - MARGIN];
			if (isBlack === true) {
				pixels.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
			}
		}
	}
	return jsQR(pixels, side, side)?.data;
}
