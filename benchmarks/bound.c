/* The least a simulated year must do, in bare C: every link walked as often as needed, every column read or written
   once a stage, the random words, powers and logarithms of the rules, and nothing else. No books, no names, no levers.

       cc -O3 -march=native -o bound bound.c -lm
       bound ENTERPRISES LINKS LOCAL REVIEWED CANDIDATES SWEEPS ENTRY SERVED REPEATS

   LINKS an enterprise, LOCAL share of them, links REVIEWED an enterprise and year, CANDIDATES shown at a review, SWEEPS
   in which orders and output find each other, ENTRY over enterprises, final markets SERVED. Prints nanoseconds an
   enterprise and year by stage: least time of each block of 2,000 enterprises over REPEATS. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SEGMENTS = 18, PARKS = 9, COLUMNS = 72, BLOCK = 2000, STAGES = 13, SUMS = 40, MOST_FOUND = 64 };
typedef uint64_t word;
typedef struct { double attraction, quality, power, spare; word identity; int row, park; } Card;

static const char *NAMES[STAGES] = {"new year", "pricing", "cards", "review", "choice", "demand", "shares", "labour",
                                    "orders", "production", "innovation", "money", "demography and record"};
static long n, links;
static double local_share, reviewed, sweeps, entry;
static int candidates, served, repeats;
static double *c[COLUMNS], *part[STAGES], sink;
static int *supplier, *input, *segment, *found, *number_found;
static double *coefficient;
static word *identity;
static Card *card;
static double sums[SEGMENTS][SUMS], trade[SEGMENTS][SEGMENTS][3];

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + 1e-9 * t.tv_nsec; }

static inline word mix(word a, word b) {
  word x = a ^ (b * 0x9E3779B97F4A7C15ull);
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

static inline word philox(word counter, uint32_t purpose) {
  uint32_t x[4] = {(uint32_t)counter, (uint32_t)(counter >> 32), 0, 0}, k0 = purpose, k1 = 7;
  for (int round = 0; round < 10; round++) {
    word a = (word)0xD2511F53 * x[0], b = (word)0xCD9E8D57 * x[2];
    uint32_t y0 = (b >> 32) ^ x[1] ^ k0, y2 = (a >> 32) ^ x[3] ^ k1;
    x[1] = b; x[3] = a; x[0] = y0; x[2] = y2;
    k0 += 0x9E3779B9; k1 += 0xBB67AE85;
  }
  return ((word)x[1] << 32) | x[0];
}

static inline double unit(word w) { return ((double)(w >> 11) + 0.5) * 0x1p-53; }

static void lay_out(void) {
  long all = n * links;
  for (int q = 0; q < COLUMNS; q++) {
    c[q] = aligned_alloc(64, (8 * n + 63) / 64 * 64);
    for (long i = 0; i < n; i++) c[q][i] = 0.5 + unit(mix(i, q));
  }
  for (int q = 0; q < STAGES; q++) {
    part[q] = malloc(sizeof(double) * (n / BLOCK + 2));
    for (long b = 0; b < n / BLOCK + 2; b++) part[q][b] = 1e9;
  }
  supplier = malloc(sizeof(int) * all); input = malloc(sizeof(int) * all); coefficient = malloc(sizeof(double) * all);
  segment = malloc(sizeof(int) * n); identity = malloc(sizeof(word) * n); card = malloc(sizeof(Card) * n);
  found = malloc(sizeof(int) * MOST_FOUND * n); number_found = malloc(sizeof(int) * n);
  for (long i = 0; i < n; i++) {
    identity[i] = mix(i, 7); segment[i] = (int)(i * SEGMENTS / n);
    card[i] = (Card){c[0][i], c[1][i], c[2][i], c[3][i], identity[i], (int)i, (int)(i % PARKS)};
  }
  for (long e = 0; e < all; e++) {
    long i = e / links, width = n / SEGMENTS;
    word h = mix(e, 99);
    input[e] = (segment[i] + 1 + (int)(e % links) / 2) % SEGMENTS; coefficient[e] = 0.9 / links;
    supplier[e] = unit(h) < local_share ? (int)((long)input[e] * n / SEGMENTS + (mix(e, 5) >> 32) % width) : (h & 256 ? -1 : -2);
  }
}

/* A stage over all enterprises, timed in blocks that are shorter than a time slice of the machine. */
#define STAGE(q, ...) for (long b = 0, lo = 0; lo < n; b++, lo += BLOCK) { \
    long hi = lo + BLOCK < n ? lo + BLOCK : n; double began = now(); \
    for (long i = lo; i < hi; i++) { __VA_ARGS__ } \
    double took = now() - began; if (took < part[q][b]) part[q][b] = took; }
#define LINKS for (long e = i * links; e < (i + 1) * links; e++)

static void year(int r) {
  double review = reviewed / links;
  /* flows of those that closed, and support of the year, begin at nothing */
  STAGE(0, c[60][i] = 0; c[61][i] = c[62][i] > 9 ? 0 : c[61][i]; c[63][i] = c[62][i];)
  /* one walk along the links for the price of inputs, a CES index and a markup: 3 powers, 12 columns */
  STAGE(1, double x = 0; LINKS { int j = supplier[e]; x += coefficient[e] * (j >= 0 ? c[0][j] : 1.0); }
    double index = exp(-2 * log(c[1][i] * .7 + .3)), cost = index * c[2][i] / c[3][i] + x + c[4][i];
    double markup = c[5][i] + .04 * log(c[6][i] / c[7][i]);
    c[8][i] = cost; c[9][i] = cost + c[3][i]; c[10][i] = markup < .6 ? markup : .6; c[11][i] = .8 * (1 + markup) * cost + .2 * c[0][i];)
  /* what buyers see of a supplier, and its place in the table of candidates: 5 powers, one random write */
  STAGE(2, card[i].attraction = exp(-3 * log(c[0][i]) + c[12][i] - 1); card[i].quality = exp(1.5 * c[13][i]);
    card[i].power = exp(1.05 * c[13][i]); card[i].spare = c[14][i] * c[3][i] - .7 * c[15][i];
    double weight = .8 * c[15][i] + .2; int class = (int)(2 * log2(weight)) + 6;
    c[16][(mix(identity[i], 1) >> 32) * n >> 32] = weight + class;)
  /* one block of random words a buyer, a hash a link, and the delivery of its supplier */
  STAGE(3, word w = philox(identity[i], 5); int k = 0;
    LINKS { int j = supplier[e]; double rate = (j >= 0 ? .75 + .25 * c[12][j] : 1.0) * review;
      found[i * MOST_FOUND + k] = (int)(e - i * links); k += unit(mix(w, e)) < rate && k < MOST_FOUND - 1; }
    number_found[i] = k;)
  /* a block of words a review, candidates drawn and raced; few of them need more than their card and a hash */
  STAGE(4, for (int f = 0; f < number_found[i]; f++) {
      long e = i * links + found[i * MOST_FOUND + f], low = (long)input[e] * n / SEGMENTS, width = n / SEGMENTS;
      word luck = philox(mix(identity[i], e), 8);
      double best = -log(unit(mix(luck, 1))) / 1.2; int winner = -1;
      for (int q = 0; q < candidates; q++) {
        Card *z = card + low + ((mix(luck, q + 2) >> 32) * (word)width >> 32);
        double u = unit(mix(luck, z->identity)), pull = .7 / candidates * z->attraction * fmin(z->quality, z->power);
        if (1 - u >= best * pull * 1.35) continue;
        if (coefficient[e] * c[15][i] > z->spare) pull *= .5;
        if (z->park == (int)(i % PARKS)) pull *= 1.35;
        double time = -log(u) / pull;
        if (time < best) { best = time; winner = z->row; }
      }
      sink += winner;
    })
  /* a swing of goodwill: 4 logs; markets served: log and exp each; then shares and sales of the year */
  STAGE(5, double u = unit(philox(identity[i], 9)) - .5, b = .12 * exp(-.21 * log(c[15][i]));
    double swing = -b * (u > 0 ? 1 : -1) * log(1 - 2 * fabs(u)) + log(1 - b * b), appeal = c[13][i] - 3 * log(c[0][i]);
    for (int q = 0; q < served; q++) { c[17 + q][i] += swing * 1e-9; c[21 + q][i] = exp(.7 * (log(c[25 + q][i]) + swing) + .3 * (c[17 + q][i] + appeal)); sink += c[21 + q][i]; })
  STAGE(6, for (int q = 0; q < served; q++) { c[25 + q][i] = .5 + c[21 + q][i] * 1e-9; c[29 + q][i] = c[25 + q][i] * 1.1; })
  /* staff wanted at this year's pay, hired, and what it can make: 6 powers, 18 columns */
  STAGE(7, double per = fmin(c[15][i], c[14][i] * c[3][i]) / c[3][i] * exp(1.5 * log(c[33][i]));
    for (int q = 0; q < 3; q++) { double aim = c[34 + q][i] * per, stay = .92 * c[37 + q][i]; c[40 + q][i] = aim > stay ? stay + .9 * (aim - stay) : aim; }
    double hours = c[41][i] * exp(3 * log(.6 * exp(.33 * log(c[40][i] / c[41][i] * .5 + .1)) + .4)) * c[3][i];
    c[43][i] = hours; c[44][i] = fmin(1.25 * hours, c[14][i]); c[45][i] = c[46][i] * per; sink += log(c[3][i]);)
  /* orders and output: one full walk, then a third of the links moved three times and rows checked every sweep;
     deliveries: a walk that gathers price and fill and scatters sales; costs and cash */
  STAGE(8, c[47][i] = c[29][i] + c[30][i];)
  STAGE(9, double y = fmin(c[47][i], 2 * c[44][i]); c[48][i] = y;
    for (int pass = 0; pass < 4; pass++) { double d = pass ? y * 1e-3 : y; if (fabs(d) > 1e-12) LINKS { int j = supplier[e]; if (j >= 0 && (!pass || (e + pass) % 3 == 0)) c[47][j] += coefficient[e] * d * 1e-3; } }
    for (int s = 0; s < (int)sweeps; s++) sink += fabs(c[48][i] - c[47][i]) > 1e300;
    double X = 0, N = 0, A = 0; int k = segment[i];
    LINKS { int j = supplier[e], l = input[e]; double q = coefficient[e] * y;
      if (j >= 0) { double v = q * c[12][j] * c[0][j]; X += v; c[49][j] += v * 1e-6; trade[l][k][0] += v; }
      else if (j == -1) { N += q; trade[l][k][1] += q; } else { A += q; trade[l][k][2] += q; } }
    c[50][i] = X; c[51][i] = N; c[52][i] = A; double sales = c[29][i] + c[30][i] + c[49][i];
    c[53][i] = sales; c[54][i] = c[4][i] * y; c[55][i] = .1 * c[40][i] + .2 * (c[41][i] + c[42][i]);
    c[56][i] += 1e-9 * (sales - X - N - A - c[54][i] - c[55][i]); c[15][i] += 1e-9 * (c[47][i] - c[15][i]);)
  /* a discovery, imitation of a peer, two normal numbers, products; knowledge and productivity: 6 powers, 20 columns */
  STAGE(10, word w = philox(identity[i], 2), v = philox(identity[i], 3);
    double effort = c[45][i] / c[53][i] * exp(.25 * log(c[15][i])), chance = 1 - exp(-.15 * sqrt(effort)), gain = 0;
    if (unit(w) < chance) gain = .1;
    if (unit(v) < chance * .5) gain += .25 * fmax(c[57][mix(w, v) % n] - c[57][i], 0);
    double p = unit(mix(w, 1)) - .5, q = unit(mix(v, 1)) - .5, a = p * p, b = q * q;
    for (int t = 0; t < 6; t++) { p = p * a + .3; q = q * b + .3; }
    c[58][i] = .95 * c[57][i] + gain + .08 * p / (1 + a); c[59][i] = .95 * c[13][i] + gain + .06 * q / (1 + b);
    c[64][i] = .85 * c[65][i] + c[45][i]; c[66][i] = .85 * c[67][i] + c[53][i];
    c[68][i] = exp(c[58][i] * 1e-3 + .03 * log(c[64][i] / c[66][i])); sink += log(1 + gain);)
  /* investment, taxes, loans and dividends: 24 columns */
  STAGE(11, double K = c[14][i], O = .01 * c[69][i], gap = c[15][i] / .8 - K - O, worn = .08 * K;
    double replaced = gap < -.2 * K ? 0 : worn, added = gap > .2 * K ? gap : 0, due = .045 * c[65][i];
    double spent = fmin(1, (fmax(c[56][i] - due, 0) + .5 * K) / (replaced + added + 1e-9)) * (replaced + added);
    double profit = c[53][i] - c[50][i] - c[51][i] - c[52][i] - c[54][i] - c[55][i] - due - worn, tax = .25 * fmax(profit, 0);
    double drawn = fmin(fmax(.3 * K - c[65][i], -c[56][i]), .6 * K), paid = .4 * fmax(c[56][i] - .1 * c[53][i] - tax, 0);
    c[70][i] = profit; c[71][i] = spent; c[60][i] = tax; c[61][i] = paid + 1e-9 * drawn;)
  /* who closes (2 powers), who comes (a copied row and its links), and the sums of the year by segment */
  STAGE(12, double hazard = .06 * exp(-.5 * log(c[15][i]) - c[70][i] / c[53][i]); sink += unit(philox(identity[i], 4)) < hazard;
    if (unit(mix(identity[i], r)) < entry) { word w = philox(identity[i], 6); for (int q = 0; q < COLUMNS - 20; q++) sink += c[q][i]; LINKS sink += unit(mix(w, e)) + supplier[e] * coefficient[e]; }
    double *to = sums[segment[i]]; for (int q = 0; q < SUMS - 1; q++) to[q] += c[30 + q][i]; to[SUMS - 1] += exp(c[59][i]);)
}

int main(int count, char **given) {
  if (count != 10) { fprintf(stderr, "bound: nine numbers wanted\n"); return 2; }
  n = atol(given[1]); links = atol(given[2]); local_share = atof(given[3]); reviewed = atof(given[4]); candidates = atoi(given[5]);
  sweeps = atof(given[6]); entry = atof(given[7]); served = atoi(given[8]); repeats = atoi(given[9]);
  lay_out();
  for (int r = 0; r < repeats; r++) year(r);
  double total = 0;
  for (int q = 0; q < STAGES; q++) {
    double stage = 0;
    for (long b = 0; b * BLOCK < n; b++) stage += part[q][b];
    total += stage;
    printf("%s %.2f\n", NAMES[q], 1e9 * stage / n);
  }
  printf("total %.2f\n", 1e9 * total / n);
  return sink == 0.123 ? 1 : 0;
}
