import { isPublicAddress } from '../../../../engine/audio/source/addresses';

const PUBLIC = [
	'8.8.8.8',
	'93.184.216.34',
	'172.15.255.255',
	'172.32.0.1',
	'100.63.255.255',
	'100.128.0.1',
	'2606:4700:4700::1111',
	'2a00:1450:4001:81b::200e',
	'::ffff:8.8.8.8',
	'64:ff9b::808:808',
	'2002:808:808::1',
];

const NOT_PUBLIC = {
	unspecified: ['0.0.0.0', '0.1.2.3', '::'],
	loopback: ['127.0.0.1', '127.255.255.254', '::1'],
	private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd00:ec2::254'],
	'link-local and metadata': ['169.254.0.1', '169.254.169.254', 'fe80::1', 'fe80::1%eth0'],
	'metadata with an address that looks public': ['168.63.129.16'],
	'site-local': ['fec0::1', 'feff::1'],
	'carrier-grade NAT': ['100.64.0.1', '100.100.100.200', '100.127.255.255'],
	multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
	broadcast: ['255.255.255.255'],
	reserved: ['192.0.0.192', '240.0.0.1', '192.88.99.1', '5f00::1', '4000::1', '100::1'],
	benchmarking: ['198.18.0.1', '198.19.255.255', '2001:2::1'],
	documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
	'IPv4-mapped': ['::ffff:127.0.0.1', '::ffff:a9fe:a9fe', '::FFFF:10.0.0.1'],
	'IPv4-compatible': ['::127.0.0.1', '::7f00:1', '::808:808'],
	'IPv4-translated': ['::ffff:0:127.0.0.1'],
	NAT64: ['64:ff9b::7f00:1', '64:ff9b::10.0.0.1', '64:ff9b:1::808:808'],
	'6to4': ['2002:7f00:1::1', '2002:c0a8:101::1'],
	Teredo: ['2001:0:4136:e378:8000:63bf:3fff:fdd2', '2001::1'],
	'no address': ['', 'localhost', '127.1', '0x7f.1', '2130706433', '[::1]', '8.8.8.8/8'],
};

test.each(PUBLIC)('%s is public', (address) => {
	expect(isPublicAddress(address)).toBe(true);
});

describe.each(Object.entries(NOT_PUBLIC))('%s', (_kind, addresses) => {
	test.each(addresses)('"%s" is not public', (address) => {
		expect(isPublicAddress(address)).toBe(false);
	});
});
