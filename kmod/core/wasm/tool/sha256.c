// SPDX-License-Identifier: GPL-2.0-only
/* FIPS 180-4, for whole messages in memory. */
#include "sha256.h"

#define BLOCK	64	/* bytes */
#define LENGTH	8	/* bytes of the message's length at the end of the last block */

static const u32 rounds[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static u32 turn(u32 value, u32 by)
{
	return value >> by | value << (32 - by);
}

static u32 read_be32(const u8 *at)
{
	return (u32)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

static void write_be32(u8 *at, u32 value)
{
	at[0] = value >> 24;
	at[1] = value >> 16;
	at[2] = value >> 8;
	at[3] = value;
}

static void expand(u32 schedule[64], const u8 *block)
{
	u32 i, a, b;

	for (i = 0; i < 16; i++)
		schedule[i] = read_be32(block + 4 * i);
	for (; i < 64; i++) {
		a = schedule[i - 15];
		b = schedule[i - 2];
		schedule[i] = schedule[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ a >> 3) + schedule[i - 7] +
			      (turn(b, 17) ^ turn(b, 19) ^ b >> 10);
	}
}

static void compress(u32 state[8], const u8 *block)
{
	u32 schedule[64], v[8], i, choice, majority, first, second;

	expand(schedule, block);
	memcpy(v, state, sizeof(v));
	for (i = 0; i < 64; i++) {
		choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
		majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
		first = v[7] + (turn(v[4], 6) ^ turn(v[4], 11) ^ turn(v[4], 25)) + choice + rounds[i] + schedule[i];
		second = (turn(v[0], 2) ^ turn(v[0], 13) ^ turn(v[0], 22)) + majority;
		memmove(v + 1, v, 7 * sizeof(*v));
		v[4] += first;
		v[0] = first + second;
	}
	for (i = 0; i < 8; i++)
		state[i] += v[i];
}

/**
 * tool_sha256() - the digest of a message
 * @bytes: the message
 * @size: of it
 * @digest: where the digest goes
 */
void tool_sha256(const u8 *bytes, size_t size, u8 digest[SHA256_SIZE])
{
	u32 state[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
	};
	size_t rest = size % BLOCK, last = rest + 1 + LENGTH > BLOCK ? 2 * BLOCK : BLOCK, i;
	u8 end[2 * BLOCK] = {};

	for (i = 0; i + BLOCK <= size; i += BLOCK)
		compress(state, bytes + i);
	if (rest)
		memcpy(end, bytes + i, rest);
	end[rest] = 0x80;
	write_be32(end + last - 8, (u64)size >> 29);
	write_be32(end + last - 4, (u64)size << 3);
	for (i = 0; i < last; i += BLOCK)
		compress(state, end + i);
	for (i = 0; i < 8; i++)
		write_be32(digest + 4 * i, state[i]);
}
