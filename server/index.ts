export { createServer, type RunningServer } from './server';
export {
	DEFAULT_BODY_LIMIT_BYTES,
	DEFAULT_HOST,
	DEFAULT_MAXIMUM_INSTANCES,
	DEFAULT_PORT,
	DEFAULT_REQUESTS_PER_MINUTE,
	requireAccountToken,
	type LogLevel,
	type LogStream,
	type ServerOptions,
} from './options';
