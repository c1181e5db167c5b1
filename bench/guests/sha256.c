// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Arithmetic in registers: SHA-256 over @amount times 4 KiB, each time over what the last time left. */
#include "guest.h"

BENCH(sha256);

#define TEXT_SIZE	4096
#define BLOCK_SIZE	64
#define ROUNDS		64

static const word constants[ROUNDS] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static const word initial[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static byte text[TEXT_SIZE + BLOCK_SIZE];

static word rotate(word x, int by)
{
	return x >> by | x << (32 - by);
}

static word load(const byte *from)
{
	return (word)from[0] << 24 | (word)from[1] << 16 | (word)from[2] << 8 | from[3];
}

static void store(byte *to, word value)
{
	to[0] = value >> 24;
	to[1] = value >> 16;
	to[2] = value >> 8;
	to[3] = value;
}

static void schedule(word w[ROUNDS], const byte *block)
{
	int i;

	for (i = 0; i < 16; i++)
		w[i] = load(block + 4 * i);
	for (; i < ROUNDS; i++) {
		word s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
		word s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;

		w[i] = w[i - 16] + s0 + w[i - 7] + s1;
	}
}

static void compress(word state[8], const byte *block)
{
	word a = state[0], b = state[1], c = state[2], d = state[3];
	word e = state[4], f = state[5], g = state[6], h = state[7];
	word w[ROUNDS];
	int i;

	schedule(w, block);
	for (i = 0; i < ROUNDS; i++) {
		word s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
		word t1 = h + s1 + ((e & f) ^ (~e & g)) + constants[i] + w[i];
		word s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
		word t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));

		h = g;
		g = f;
		f = e;
		e = d + t1;
		d = c;
		c = b;
		b = a;
		a = t1 + t2;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

/* The text's length is a multiple of the block, so that its padding is a block of its own. */
static void hash(word state[8])
{
	int i;

	for (i = 0; i < 8; i++)
		state[i] = initial[i];
	for (i = 0; i < TEXT_SIZE + BLOCK_SIZE; i += BLOCK_SIZE)
		compress(state, text + i);
}

BENCH(sha256)
{
	word state[8] = { 0 };
	word seed = 1, i;

	for (i = 0; i < TEXT_SIZE; i++)
		text[i] = bench_random(&seed);
	for (; i < TEXT_SIZE + BLOCK_SIZE; i++)
		text[i] = 0;
	text[TEXT_SIZE] = 0x80;
	store(text + TEXT_SIZE + BLOCK_SIZE - 4, TEXT_SIZE * 8);
	while (amount--) {
		hash(state);
		for (i = 0; i < 8; i++)
			store(text + 4 * i, state[i]);
	}
	return state[0];
}
