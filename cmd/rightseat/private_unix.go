//go:build unix

package main

import "syscall"

// ownFilesOnly has everything that this process creates, the database engine's files too, be its owner's alone. A narrower
// umask stays.
func ownFilesOnly() {
	old := syscall.Umask(0o077)
	syscall.Umask(old | 0o077)
}
