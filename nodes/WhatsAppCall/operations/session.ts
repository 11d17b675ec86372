import type { Operation } from './operation';

/** Tells whether the session is linked, without connecting it. */
export const sessionStatus: Operation = {
	name: 'sessionStatus',
	fields: [],
	execute: async ({ connection }) => ({ json: await connection.sessionStatus() }),
};

/** Removes the linked device from the account and deletes its keys. */
export const logOut: Operation = {
	name: 'logOut',
	fields: [],
	execute: async ({ connection }) => ({ json: await connection.logOut() }),
};
