// SPDX-License-Identifier: ISC
// page: keeps the pages of discoverd-web up to date.
