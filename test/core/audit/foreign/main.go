// Verifies a published log and its proofs with the packages of Go's checksum database, which know nothing of Limen:
// golang.org/x/mod/sumdb/note and golang.org/x/mod/sumdb/tlog.
//
//	verify <log folder> <verifier key> <folder of *.tlog-proof and *.consistency>
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

const width = 256

type head struct {
	size int64
	root tlog.Hash
}

// hashes holds a tree's stored hashes, in the order tlog numbers them.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, 0, len(indexes))
	for _, index := range indexes {
		if index >= int64(len(h)) {
			return nil, fmt.Errorf("no stored hash %d", index)
		}
		out = append(out, h[index])
	}
	return out, nil
}

func fail(format string, values ...interface{}) {
	fmt.Printf(format+"\n", values...)
	os.Exit(1)
}

func must(err error, place string) {
	if err != nil {
		fail("%s: %v", place, err)
	}
}

func open(signed []byte, verifier note.Verifier, place string) head {
	opened, err := note.Open(signed, note.VerifierList(verifier))
	must(err, place)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, place)
	root, err := tlog.ParseHash(lines[2])
	must(err, place)
	return head{size, root}
}

func name(kind string, index, count int64) string {
	path := fmt.Sprintf("%03d", index%1000)
	for index >= 1000 {
		index /= 1000
		path = fmt.Sprintf("x%03d/%s", index%1000, path)
	}
	if count < width {
		path = fmt.Sprintf("%s.p/%d", path, count)
	}
	return "tile/" + kind + "/" + path
}

func parseHashes(lines []string, place string) []tlog.Hash {
	var out []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		must(err, place)
		out = append(out, hash)
	}
	return out
}

func main() {
	folder, key, proofs := os.Args[1], os.Args[2], os.Args[3]
	verifier, err := note.NewVerifier(key)
	must(err, "key")
	signed, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	must(err, "checkpoint")
	tree := open(signed, verifier, "checkpoint")

	var stored hashes
	var leaves []tlog.Hash
	for from := int64(0); from < tree.size; from += width {
		count := tree.size - from
		if count > width {
			count = width
		}
		place := name("entries", from/width, count)
		bundle, err := os.ReadFile(filepath.Join(folder, place))
		must(err, place)
		tile, err := os.ReadFile(filepath.Join(folder, name("0", from/width, count)))
		must(err, place)
		for i := int64(0); i < count; i++ {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				fail("%s: cut short at entry %d", place, from+i)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			hash := tlog.RecordHash(bundle[2:end])
			if !bytes.Equal(hash[:], tile[i*32:i*32+32]) {
				fail("%s: entry %d differs from its tile", place, from+i)
			}
			more, err := tlog.StoredHashesForRecordHash(from+i, hash, stored)
			must(err, place)
			stored = append(stored, more...)
			leaves = append(leaves, hash)
			bundle = bundle[end:]
		}
	}
	root, err := tlog.TreeHash(tree.size, stored)
	must(err, "tree")
	if root != tree.root {
		fail("checkpoint: the entries give another root")
	}

	files, err := os.ReadDir(proofs)
	must(err, "proofs")
	records, trees := 0, 0
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join(proofs, file.Name()))
		must(err, file.Name())
		parts := strings.SplitN(string(data), "\n\n", 2)
		lines := strings.Split(parts[0], "\n")
		at := open([]byte(parts[1]), verifier, file.Name())
		if strings.HasSuffix(file.Name(), ".tlog-proof") {
			if lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "extra ") {
				fail("%s: not a proof file", file.Name())
			}
			if _, err := base64.StdEncoding.DecodeString(lines[1][6:]); err != nil {
				fail("%s: %v", file.Name(), err)
			}
			index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
			must(err, file.Name())
			proof := parseHashes(lines[3:], file.Name())
			must(tlog.CheckRecord(proof, at.size, at.root, index, leaves[index]), file.Name())
			records++
		} else {
			proof := parseHashes(lines[1:], file.Name())
			must(tlog.CheckTree(proof, tree.size, tree.root, at.size, at.root), file.Name())
			trees++
		}
	}
	fmt.Printf("%d entries, %d inclusion proofs, %d consistency proofs\n", tree.size, records, trees)
}
