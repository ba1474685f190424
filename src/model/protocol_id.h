/* SPDX-License-Identifier: ISC
 * protocol_id: a way of discovery, as the model knows it. */
#ifndef MODEL_PROTOCOL_ID_H
#define MODEL_PROTOCOL_ID_H

/* Of what the kernel alone knows: it says nothing that could be shown. */
enum { PROTOCOL_RANK_NEIGHBOUR = 255 };

/* A way of discovery, as the model knows it. Static; two are the same when their addresses are. */
struct protocol_id {
	const char *name;   /* as devices show it */
	unsigned char rank; /* whose facts are shown first: the lowest */
};

#endif
