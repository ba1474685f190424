/* SPDX-License-Identifier: ISC
 * sockaddr: endpoints in the kernel's form and back. */
#ifndef NET_SOCKADDR_H
#define NET_SOCKADDR_H

#include "base/address.h"
#include <netinet/in.h>
#include <sys/socket.h>

/* As the socket calls want it; `link` scopes a link-local IPv6 address. Returns the length, 0 for
 * ADDRESS_NONE. */
socklen_t sockaddr_from_endpoint(
    const struct address_port *endpoint, uint32_t link, struct sockaddr_storage *sockaddr);
/* An IPv4 address mapped into IPv6 becomes IPv4. Another family gives ADDRESS_NONE. */
struct address_port sockaddr_to_endpoint(const struct sockaddr_storage *sockaddr);

struct in_addr sockaddr_in_addr(const struct address *address);
struct in6_addr sockaddr_in6_addr(const struct address *address);
struct address sockaddr_from_in(struct in_addr in);
/* An IPv4 address mapped into IPv6 becomes IPv4. */
struct address sockaddr_from_in6(const struct in6_addr *in6);

#endif
