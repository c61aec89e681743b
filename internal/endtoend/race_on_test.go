//go:build race

package endtoend_test

// raceDetector makes everything several times slower: see [every].
const raceDetector = true
