// Package benchmark lets organisations compare themselves without showing themselves: a
// contribution is what one organisation gives away, a pool is what many of them make together.
//
// A contribution is a small JSON file for people to read before they send it. It holds
// percentages and prices per app of the built-in catalogue, rounded, and nothing that names a
// person, the organisation, a team, an instance or an application of the organisation's own:
// every text in it is of a closed list (see [Vocabulary]), but for a random number that tells
// two contributors apart. [Collect] makes one from the published warehouse, [Parse] reads one
// from a stranger, [Pool] turns many into the quantiles of a file of kind benchmarks.
package benchmark
