import { parseArgs } from 'node:util';
import { Control } from './control';
import { startNetwork } from './index';

const LOCAL = '127.0.0.1';

/** A network that was started by hand. */
export interface RunningSimulator {
	/** What points the engine and other tests at it (design.md, "Pointing it elsewhere"). */
	variables: Record<string, string>;
	close(): Promise<void>;
}

/**
 * Starts a network with its HTTP control.
 * @param args `--port` of the control (0 takes a free one), `--host`, `--second-ms`: how long a
 * second of the scripts lasts
 */
export async function runSimulator(args: string[]): Promise<RunningSimulator> {
	const { values } = parseArgs({
		args,
		options: {
			port: { type: 'string', default: '0' },
			host: { type: 'string', default: LOCAL },
			'second-ms': { type: 'string', default: '1000' },
		},
	});
	const network = await startNetwork({ host: values.host, secondMs: Number(values['second-ms']) });
	const control = await Control.listen(network, values.host, Number(values.port));
	return {
		variables: { ...network.environment, WHATSAPP_SIMULATOR_URL: control.url },
		close: async () => {
			await control.close();
			await network.close();
		},
	};
}
