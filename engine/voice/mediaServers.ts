import { attributeOf, childOf, childrenOf, isBinaryNode } from '../call/stanzas/binaryNode';

/** Where media is uploaded, and by what permission. */
export interface MediaServers {
	/** Name, or name and port. */
	hosts: string[];
	/** A secret for some hours. */
	auth: string;
}

/** A name, or an address, and perhaps a port: nothing that could change the rest of a URL. */
const HOST = /^[A-Za-z0-9.-]{1,253}(:\d{1,5})?$/;

/** Reads the answer to the question for `media_conn`; what is wrong with it is left out. */
export function readMediaServers(answer: unknown): MediaServers {
	const found = isBinaryNode(answer) ? childOf(answer, 'media_conn') : undefined;
	const servers = found === undefined ? [] : childrenOf(found).filter(({ tag }) => tag === 'host');
	const hosts = servers.flatMap((server) => attributeOf(server, 'hostname') ?? []);
	return {
		hosts: hosts.filter((host) => HOST.test(host)),
		auth: (found && attributeOf(found, 'auth')) ?? '',
	};
}
