/* SPDX-License-Identifier: ISC
 * submission_tree: what is submitted of a device piece by piece, each piece as a tree of one
 * target.
 */
#ifndef DISCOVERD_SUBMISSION_TREE_H
#define DISCOVERD_SUBMISSION_TREE_H

#include "model/offer.h"
#include "wire/minissdpd_message.h"

/* For the caller to announce or free; NULL when out of memory. */
struct offer *submission_tree_new(const struct submission *submission);
/* True for what submission_tree_new() made of it. */
bool submission_tree_is_of(const struct offer *tree, const struct submission *submission);

#endif
