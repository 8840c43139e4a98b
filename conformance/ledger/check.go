// Verifies a log that Plimsoll wrote with none of its code: Debian's golang.org/x/mod, packages note and tlog.
//
//	check VKEY OLD_CHECKPOINT CHECKPOINT COPY PROOF...
//
// COPY is a directory made by "plimsoll ledger export"; each PROOF is a .tlog-proof. Every hash of the log is
// derived from the entry bundles; the tiles must hold the same.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(check string, err interface{}) {
	fmt.Printf("FAILED %s: %v\n", check, err)
	os.Exit(1)
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		fail("read", err)
	}
	return data
}

func open(path string, known note.Verifiers, origin string) tlog.Tree {
	signed, err := note.Open(read(path), known)
	if err != nil {
		fail("signature of "+filepath.Base(path), err)
	}
	lines := strings.Split(signed.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || lines[0] != origin {
		fail("checkpoint", "origin or size")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		fail("checkpoint", err)
	}
	return tlog.Tree{N: size, Hash: root}
}

func path(kind string, n int64, width int64) string {
	name := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		name = fmt.Sprintf("x%03d/%s", n%1000, name)
	}
	if width < 256 {
		name += fmt.Sprintf(".p/%d", width)
	}
	return filepath.Join("tile", kind, name)
}

func main() {
	verifier, err := note.NewVerifier(strings.TrimSpace(string(read(os.Args[1]))))
	if err != nil {
		fail("vkey", err)
	}
	known := note.VerifierList(verifier)
	old := open(os.Args[2], known, verifier.Name())
	now := open(os.Args[3], known, verifier.Name())

	// The hashes of the tree, from the entries.
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, index := range indexes {
			if index >= int64(len(stored)) {
				return nil, fmt.Errorf("hash %d is not there", index)
			}
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	var entries [][]byte
	for n := int64(0); n*256 < now.N; n++ {
		width := now.N - n*256
		if width > 256 {
			width = 256
		}
		bundle := read(filepath.Join(os.Args[4], path("entries", n, width)))
		tile := read(filepath.Join(os.Args[4], path("0", n, width)))
		for i := int64(0); i < width; i++ {
			if len(bundle) < 2 {
				fail("entries", "a bundle is too short")
			}
			length := int(binary.BigEndian.Uint16(bundle))
			if len(bundle) < 2+length {
				fail("entries", "a bundle is too short")
			}
			entry := bundle[2 : 2+length]
			bundle = bundle[2+length:]
			leaf := tlog.RecordHash(entry)
			if !bytes.Equal(tile[i*32:i*32+32], leaf[:]) {
				fail("tiles", fmt.Sprintf("entry %d has another hash than the tile", n*256+i))
			}
			hashes, err := tlog.StoredHashes(int64(len(entries)), entry, reader)
			if err != nil {
				fail("entries", err)
			}
			stored = append(stored, hashes...)
			entries = append(entries, entry)
		}
	}
	root, err := tlog.TreeHash(now.N, reader)
	if err != nil {
		fail("root", err)
	}
	if root != now.Hash {
		fail("root", "the entries lead to another root")
	}

	proof, err := tlog.ProveTree(now.N, old.N, reader)
	if err != nil {
		fail("consistency", err)
	}
	if err := tlog.CheckTree(proof, now.N, now.Hash, old.N, old.Hash); err != nil {
		fail("consistency", err)
	}

	for _, file := range os.Args[5:] {
		parts := strings.SplitN(string(read(file)), "\n\n", 2)
		lines := strings.Split(parts[0], "\n")
		if lines[0] != "c2sp.org/tlog-proof@v1" || parts[1] != string(read(os.Args[3])) {
			fail("proof", "not a proof for this checkpoint")
		}
		index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
		if err != nil {
			fail("proof", err)
		}
		var record tlog.RecordProof
		for _, line := range lines[2:] {
			bytes, err := base64.StdEncoding.DecodeString(line)
			if err != nil || len(bytes) != 32 {
				fail("proof", "a hash cannot be read")
			}
			var hash tlog.Hash
			copy(hash[:], bytes)
			record = append(record, hash)
		}
		if err := tlog.CheckRecord(record, now.N, now.Hash, index, tlog.RecordHash(entries[index])); err != nil {
			fail("inclusion of "+strconv.FormatInt(index, 10), err)
		}
		if tlog.CheckRecord(record, now.N, now.Hash, index, tlog.RecordHash([]byte("other"))) == nil {
			fail("inclusion", "another entry passes")
		}
	}
	fmt.Printf("verified: %d entries, consistent with %d, %d inclusion proofs\n", now.N, old.N, len(os.Args)-5)
}
