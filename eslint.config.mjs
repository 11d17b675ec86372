import n8nCommunityNodes from '@n8n/eslint-plugin-community-nodes';
import importPlugin from 'eslint-plugin-import';
import n8nNodesBase from 'eslint-plugin-n8n-nodes-base';
import tseslint from 'typescript-eslint';

/** The walls of the house: a room may be entered from those named, and from nowhere else. */
const WALLS = [
	{
		target: ['./common', './credentials', './engine', './nodes', './server', './simulator'],
		from: ['./cli', './cli.ts'],
		message: 'The command line is an entrance: nobody knows it.',
	},
	{
		target: [
			'./bench',
			'./cli',
			'./cli.ts',
			'./common',
			'./credentials',
			'./engine',
			'./nodes',
			'./server',
			'./simulator',
			'./test',
		],
		from: ['./demo'],
		message: 'The demo may enter every room, and nobody knows it.',
	},
	{
		target: ['./cli', './cli.ts'],
		from: ['./nodes', './credentials', './simulator'],
		message: 'The command line knows the engine and what it shares with it.',
	},
	{
		target: './common',
		from: ['./nodes', './credentials', './engine', './server', './simulator'],
		message: 'common knows nobody.',
	},
	{
		target: './engine',
		from: ['./nodes', './credentials', './server', './simulator'],
		message: 'The engine knows nothing of n8n, of the server or of the simulator.',
	},
	{
		target: './engine/audio',
		from: [
			'./engine/session',
			'./engine/call',
			'./engine/media',
			'./engine/relay',
			'./engine/voice',
		],
		message: 'Audio stands alone.',
	},
	{
		target: './engine/session',
		from: ['./engine/call', './engine/media', './engine/relay', './engine/audio', './engine/voice'],
		message: 'A session knows nothing of calls.',
	},
	{
		target: ['./engine/call', './engine/media', './engine/relay'],
		from: './engine/voice',
		message: 'A call knows nothing of voice notes.',
	},
	{
		target: './simulator',
		from: ['./nodes', './server'],
		message: 'The simulator plays the other side: it shares no code with the engine.',
	},
	{
		target: './simulator',
		from: './engine',
		// One codec, on both sides: see docs/decisions.md.
		except: ['./audio/mlow'],
		message: 'The simulator plays the other side: it shares no code with the engine but MLow.',
	},
	{
		target: './server',
		from: ['./cli', './cli.ts', './nodes', './credentials', './simulator'],
		message: 'The server knows the engine and what it shares with it.',
	},
	{
		target: ['./nodes', './credentials', './cli.ts', './cli/*.ts', './cli/commands/!(serve).ts'],
		from: './server',
		message: 'Only the command serve starts the server.',
	},
	{
		target: ['./nodes', './server', './cli', './cli.ts'],
		from: './engine',
		except: ['./index.ts'],
		message: 'The engine is entered through engine/index.ts.',
	},
	{
		target: [
			'./nodes/WhatsAppCall/operations',
			'./nodes/WhatsAppCall/*.ts',
			'./nodes/WhatsAppCall/connections/!(embedded).ts',
		],
		from: './engine',
		message: 'Only connections/embedded.ts enters the engine, when it is first needed.',
	},
	{
		target: './nodes/WhatsAppCall/connections',
		from: ['./nodes/WhatsAppCall/operations'],
		message: 'Operations know connections, not the other way round.',
	},
	{
		target: './nodes/WhatsAppCall/operations',
		from: ['./nodes/WhatsAppCall/connections'],
		except: ['./index.ts', './connection.ts'],
		message: 'An operation is written once and knows no transport.',
	},
	{
		target: ['./nodes', './credentials', './common', './server', './cli', './cli.ts'],
		from: ['./test', './bench'],
		message: 'What ships knows nothing of its tests.',
	},
];

export default tseslint.config(
	{
		ignores: ['dist', 'build', 'node_modules', 'coverage', 'test/support/n8n', 'eslint.config.mjs'],
	},
	...tseslint.configs.recommended.map((config) => ({ ...config, files: ['**/*.ts'] })),
	{
		files: ['**/*.ts'],
		plugins: { import: importPlugin },
		settings: {
			'import/resolver': { node: { extensions: ['.ts', '.js'] } },
			'import/parsers': { '@typescript-eslint/parser': ['.ts'] },
		},
		languageOptions: {
			parserOptions: {
				project: ['./tsconfig.json', './tsconfig.tools.json'],
				tsconfigRootDir: import.meta.dirname,
			},
		},
		rules: {
			'@typescript-eslint/no-explicit-any': 'error',
			'@typescript-eslint/no-floating-promises': 'error',
			'@typescript-eslint/no-misused-promises': 'error',
			'@typescript-eslint/switch-exhaustiveness-check': [
				'error',
				{ considerDefaultExhaustiveForUnions: true },
			],
			'import/no-cycle': 'error',
			'import/no-restricted-paths': ['error', { zones: WALLS }],
			'max-lines': ['warn', { max: 300, skipBlankLines: true, skipComments: true }],
		},
	},
	// n8n's rules for nodes that do not run on n8n Cloud.
	{
		...n8nCommunityNodes.configs.recommendedWithoutN8nCloudSupport,
		files: ['nodes/**/*.ts', 'credentials/**/*.ts', 'common/**/*.ts'],
	},
	{
		...n8nCommunityNodes.configs.recommendedWithoutN8nCloudSupport,
		files: ['package.json'],
		languageOptions: { parser: tseslint.parser, parserOptions: { extraFileExtensions: ['.json'] } },
		rules: {
			...n8nCommunityNodes.configs.recommendedWithoutN8nCloudSupport.rules,
			// The event channel needs a WebSocket client and the address a telephone number library:
			// bundling them would hide their licences and versions from whoever audits an n8n.
			'@n8n/community-nodes/no-runtime-dependencies': 'off',
		},
	},
	{
		files: ['nodes/**/*.ts', 'credentials/**/*.ts'],
		plugins: { 'n8n-nodes-base': n8nNodesBase },
		rules: {
			...n8nNodesBase.configs.nodes.rules,
			...n8nNodesBase.configs.credentials.rules,
			// These three contradict the rules above: community nodes link to a page, not to a name in
			// n8n's own documentation, and name their connections by NodeConnectionTypes.
			'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'off',
			'n8n-nodes-base/node-class-description-inputs-wrong-regular-node': 'off',
			'n8n-nodes-base/node-class-description-outputs-wrong': 'off',
		},
	},
	// A session is no API: its credential names a linked device of this machine.
	{
		files: [
			'credentials/WhatsAppSession.credentials.ts',
			'nodes/WhatsAppCall/WhatsAppCall.node.ts',
		],
		rules: {
			'n8n-nodes-base/cred-class-name-unsuffixed': 'off',
			'n8n-nodes-base/cred-class-field-name-unsuffixed': 'off',
			'n8n-nodes-base/cred-class-field-display-name-missing-api': 'off',
			'n8n-nodes-base/node-class-description-credentials-name-unsuffixed': 'off',
		},
	},
	{
		files: ['package.json'],
		plugins: { 'n8n-nodes-base': n8nNodesBase },
		rules: n8nNodesBase.configs.community.rules,
	},
	{
		files: ['**/*.js'],
		languageOptions: { sourceType: 'commonjs' },
	},
);
