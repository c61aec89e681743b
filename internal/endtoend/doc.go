// Package endtoend holds the tests of the whole program against its promises: the made-up
// vendors over real HTTP, the real connectors, lake, transform, publish and command line. Nothing
// in it is part of the product.
package endtoend
