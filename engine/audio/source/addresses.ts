import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Ipv6 = ReturnType<typeof ipaddr.IPv6.parse>;

/** The global unicast addresses that have been handed out so far (RFC 4291, section 2.4; IANA). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
/** The well-known prefix of NAT64 (RFC 6052, section 2.1), behind which IPv6-only networks see IPv4. */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');
/** Machine metadata of Azure: the only such address that is neither link-local, shared nor private. */
const PUBLIC_LOOKING_METADATA: ReadonlySet<string> = new Set(['168.63.129.16']);

/**
 * Whether an address belongs to the public internet. Loopback, private, link-local (where the metadata
 * services of clouds are), carrier-grade NAT, multicast, broadcast, documentation, benchmarking and
 * reserved ranges do not (IANA special-purpose registries, RFC 6890).
 *
 * An IPv4 address within an IPv6 one is looked at where networks do translate it: mapped (RFC 4291),
 * translated (RFC 6145), NAT64 with the well-known prefix (RFC 6052) and 6to4 (RFC 3056). Teredo,
 * IPv4-compatible addresses and NAT64 with a local prefix (RFC 8215) are never public.
 *
 * @param ip an address as `net.isIP` takes it, without brackets
 * @returns false also for what is no address
 */
export function isPublicAddress(ip: string): boolean {
	if (isIP(ip) === 0) {
		return false;
	}
	const address = ipaddr.parse(ip);
	if (!(address instanceof ipaddr.IPv6)) {
		return isPublicIpv4(address.toString());
	}
	const embedded = embeddedIpv4(address);
	if (embedded !== undefined) {
		return isPublicIpv4(embedded);
	}
	return address.range() === 'unicast' && address.match(GLOBAL_UNICAST);
}

function isPublicIpv4(ip: string): boolean {
	return ipaddr.IPv4.parse(ip).range() === 'unicast' && !PUBLIC_LOOKING_METADATA.has(ip);
}

function embeddedIpv4(address: Ipv6): string | undefined {
	const bytes = address.toByteArray();
	switch (address.range()) {
		case 'ipv4Mapped':
		case 'rfc6145':
			return bytes.slice(12).join('.');
		case 'rfc6052':
			return address.match(NAT64) ? bytes.slice(12).join('.') : undefined;
		case '6to4':
			return bytes.slice(2, 6).join('.');
		default:
			return undefined;
	}
}
