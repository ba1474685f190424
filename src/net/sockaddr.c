/* SPDX-License-Identifier: ISC
 * sockaddr: endpoints in the kernel's form and back. */
#include "net/sockaddr.h"
#include <arpa/inet.h>
#include <string.h>

struct in_addr sockaddr_in_addr(const struct address *address)
{
	struct in_addr in;
	memcpy(&in, address->bytes, sizeof(in));
	return in;
}

struct in6_addr sockaddr_in6_addr(const struct address *address)
{
	struct in6_addr in6;
	memcpy(&in6, address->bytes, sizeof(in6));
	return in6;
}

struct address sockaddr_from_in(struct in_addr in)
{
	struct address address = {.family = ADDRESS_IPV4};
	memcpy(address.bytes, &in, sizeof(in));
	return address;
}

struct address sockaddr_from_in6(const struct in6_addr *in6)
{
	struct address address = {0};
	bool mapped = IN6_IS_ADDR_V4MAPPED(in6);
	address.family = mapped ? ADDRESS_IPV4 : ADDRESS_IPV6;
	if (mapped)
		memcpy(address.bytes, in6->s6_addr + 12, 4);
	else
		memcpy(address.bytes, in6->s6_addr, 16);
	return address;
}

socklen_t sockaddr_from_endpoint(
    const struct address_port *endpoint, uint32_t link, struct sockaddr_storage *sockaddr)
{
	memset(sockaddr, 0, sizeof(*sockaddr));
	switch (endpoint->address.family) {
	case ADDRESS_IPV4: {
		struct sockaddr_in *in = (struct sockaddr_in *)sockaddr;
		in->sin_family = AF_INET;
		in->sin_port = htons(endpoint->port);
		in->sin_addr = sockaddr_in_addr(&endpoint->address);
		return sizeof(*in);
	}
	case ADDRESS_IPV6: {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)sockaddr;
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(endpoint->port);
		in6->sin6_addr = sockaddr_in6_addr(&endpoint->address);
		if (address_is_link_local(&endpoint->address) ||
		    address_is_multicast(&endpoint->address))
			in6->sin6_scope_id = link;
		return sizeof(*in6);
	}
	default:
		return 0;
	}
}

struct address_port sockaddr_to_endpoint(const struct sockaddr_storage *sockaddr)
{
	struct address_port endpoint = {0};
	if (sockaddr->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)sockaddr;
		endpoint.address = sockaddr_from_in(in->sin_addr);
		endpoint.port = ntohs(in->sin_port);
	} else if (sockaddr->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sockaddr;
		endpoint.address = sockaddr_from_in6(&in6->sin6_addr);
		endpoint.port = ntohs(in6->sin6_port);
	}
	return endpoint;
}
