// Package failpoint names the moments at which a crash is most dangerous, so
// that a test can crash the real program at each of them, and lets a test set
// the program's clock wrong. In a program that is built without the tag
// failpoints the names do nothing and the clock is right.
package failpoint
