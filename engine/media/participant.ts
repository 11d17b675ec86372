/**
 * Who a device is when keys are derived (protocol page 03, "Participant id string"): the primary
 * phone, which stanzas write `user@lid`, is `user:0@lid` here.
 *
 * @param address of a device; what is not a hidden id stays as it is
 */
export function toParticipantId(address: string): string {
	const [bare = ''] = address.split('/', 1);
	return bare.replace(/^([^:@]+)@lid$/, '$1:0@lid');
}
