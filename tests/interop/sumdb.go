// Holds golang.org/x/mod/sumdb, the first implementation of signed notes and tiled logs, against our files and makes its own.
//
//	sumdb vectors DIR          checks the note, merkle and tiles vectors; one line for each, "agrees NAME" or "differs NAME: WHY"
//	sumdb make DIR SIZE SEED   writes a log of counted entries as a C2SP log would be served, prints the key of its checkpoint
//	sumdb read DIR KEY         checks such a log from its checkpoint down, prints its size and the lines it could not check
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func main() {
	err := fmt.Errorf("usage: sumdb vectors|make|read")
	switch {
	case len(os.Args) == 3 && os.Args[1] == "vectors":
		err = checkVectors(os.Args[2])
	case len(os.Args) == 5 && os.Args[1] == "make":
		err = makeLog(os.Args[2], os.Args[3], os.Args[4])
	case len(os.Args) == 4 && os.Args[1] == "read":
		err = readLog(os.Args[2], os.Args[3])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type proof struct {
	Index   int64    `json:"index"`
	Size    int64    `json:"size"`
	Old     int64    `json:"old"`
	New     int64    `json:"new"`
	OldRoot string   `json:"old_root"`
	Proof   []string `json:"proof"`
}

type vector struct {
	proof
	Check       string   `json:"check"`
	Error       string   `json:"error"`
	Entries     []string `json:"entries"`
	Roots       []string `json:"roots"`
	Root        string   `json:"root"`
	NewRoot     string   `json:"new_root"`
	Leaf        string   `json:"leaf"`
	Inclusion   []proof  `json:"inclusion"`
	Consistency []proof  `json:"consistency"`
	Note        string   `json:"note"`
	NoteHex     string   `json:"note_hex"`
	Text        string   `json:"text"`
	Keys        []string `json:"keys"`
	Signers     []string `json:"signers"`
	Vkey        string   `json:"vkey"`
	Name        string   `json:"name"`
	KeyID       string   `json:"key_id"`
	Seed        string   `json:"seed"`
	Path        string   `json:"path"`
	Level       *int     `json:"level"`
	Width       int      `json:"width"`
	Levels      []struct {
		Full    int `json:"full"`
		Partial int `json:"partial"`
	} `json:"levels"`
}

func checkVectors(dir string) error {
	for _, folder := range []string{"merkle", "note", "tiles"} {
		files, err := filepath.Glob(filepath.Join(dir, folder, "*.json"))
		if err != nil || len(files) == 0 {
			return fmt.Errorf("no vectors in %s: %v", folder, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			var v vector
			name := folder + "/" + strings.TrimSuffix(filepath.Base(file), ".json")
			if err := json.Unmarshal(data, &v); err != nil {
				return fmt.Errorf("%s: %v", name, err)
			}
			if v.Check == "" {
				v.Check = folder
			}
			err = check(&v)
			switch {
			case err == errNotTheirs:
				fmt.Println("unknown", name)
			case (err == nil) == (v.Error == ""):
				fmt.Println("agrees", name)
			default:
				fmt.Printf("differs %s: %v\n", name, err)
			}
		}
	}
	return nil
}

var errNotTheirs = fmt.Errorf("they have no such thing")

func check(v *vector) error {
	switch v.Check {
	case "tree":
		return checkTree(v)
	case "counted":
		return checkCounted(v)
	case "inclusion":
		return checkRecord(v.proof, v.Size, v.Root, v.Leaf)
	case "consistency":
		return checkGrowth(v.proof, v.Old, v.New, v.OldRoot, v.Root+v.NewRoot)
	case "note":
		return checkNote(v)
	case "vkey":
		return checkVkey(v)
	case "sign":
		return checkSign(v)
	case "path":
		return checkPath(v)
	case "geometry":
		return checkGeometry(v)
	}
	return errNotTheirs
}

func checkTree(v *vector) error {
	var entries [][]byte
	for _, entry := range v.Entries {
		data, err := hex.DecodeString(entry)
		if err != nil {
			return err
		}
		entries = append(entries, data)
	}
	store := grow(entries)
	for size, root := range v.Roots {
		if err := compareRoot(store, int64(size), root); err != nil {
			return err
		}
	}
	return checkProofs(v, store, func(size int64) string { return v.Roots[size] })
}

func checkCounted(v *vector) error {
	store := grow(counted(v.Size))
	if err := compareRoot(store, v.Size, v.Root); err != nil {
		return err
	}
	return checkProofs(v, store, func(int64) string { return v.Root })
}

// checkProofs makes every proof of a vector again and verifies it.
func checkProofs(v *vector, store hashes, root func(int64) string) error {
	for _, each := range v.Inclusion {
		size := v.Size + each.Size
		made, err := tlog.ProveRecord(size, each.Index, store)
		if err != nil || !reflect.DeepEqual(show(made), append([]string{}, each.Proof...)) {
			return fmt.Errorf("inclusion of %d in %d: %v", each.Index, size, err)
		}
		leaf, err := store.ReadHashes([]int64{tlog.StoredHashIndex(0, each.Index)})
		if err != nil {
			return err
		}
		if err := checkRecord(each, size, root(size), hex.EncodeToString(leaf[0][:])); err != nil {
			return err
		}
	}
	for _, each := range v.Consistency {
		size := v.Size + each.New
		if each.Old == 0 {
			continue // theirs starts at one entry
		}
		made, err := tlog.ProveTree(size, each.Old, store)
		if err != nil || !reflect.DeepEqual(show(made), append([]string{}, each.Proof...)) {
			return fmt.Errorf("consistency of %d with %d: %v", each.Old, size, err)
		}
		old := each.OldRoot
		if old == "" {
			old = root(each.Old)
		}
		if err := checkGrowth(each, each.Old, size, old, root(size)); err != nil {
			return err
		}
	}
	return nil
}

func checkRecord(p proof, size int64, root, leaf string) error {
	list, err := parseHashes(append(p.Proof, root, leaf))
	if err != nil {
		return err
	}
	n := len(p.Proof)
	return tlog.CheckRecord(list[:n], size, list[n], p.Index, list[n+1])
}

func checkGrowth(p proof, old, size int64, oldRoot, root string) error {
	if old == 0 {
		return errNotTheirs
	}
	list, err := parseHashes(append(p.Proof, oldRoot, root))
	if err != nil {
		return err
	}
	n := len(p.Proof)
	return tlog.CheckTree(list[:n], size, list[n+1], old, list[n])
}

func checkNote(v *vector) error {
	msg := []byte(v.Note)
	if v.NoteHex != "" {
		data, err := hex.DecodeString(v.NoteHex)
		if err != nil {
			return err
		}
		msg = data
	}
	var known []note.Verifier
	theirs := map[string]bool{}
	for _, key := range v.Keys {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			continue // a cosigner's key: they know ordinary signatures only
		}
		known = append(known, verifier)
		theirs[verifier.Name()] = true
	}
	opened, err := note.Open(msg, note.VerifierList(known...))
	if err != nil {
		return err
	}
	if v.Error != "" {
		return nil
	}
	var signers, expected []string
	for _, sig := range opened.Sigs {
		signers = append(signers, sig.Name)
	}
	for _, signer := range v.Signers {
		if theirs[signer] {
			expected = append(expected, signer)
		}
	}
	sort.Strings(signers)
	sort.Strings(expected)
	if opened.Text != v.Text || !reflect.DeepEqual(signers, expected) {
		return fmt.Errorf("text or signers: %v, not %v", signers, expected)
	}
	return nil
}

func checkVkey(v *vector) error {
	verifier, err := note.NewVerifier(v.Vkey)
	if err != nil {
		return err
	}
	if v.Error == "" && (verifier.Name() != v.Name || fmt.Sprintf("%08x", verifier.KeyHash()) != v.KeyID) {
		return fmt.Errorf("%s %08x", verifier.Name(), verifier.KeyHash())
	}
	return nil
}

// checkSign signs the same text with the same key and compares every byte.
func checkSign(v *vector) error {
	signer, verifier, err := newKey(v.Name, v.Seed)
	if err != nil {
		return err
	}
	if v.Note == "" {
		return errNotTheirs // a cosignature
	}
	made, err := note.Sign(&note.Note{Text: v.Text}, signer)
	if err != nil || string(made) != v.Note || verifier != v.Vkey {
		return fmt.Errorf("%v: %q, %q", err, made, verifier)
	}
	return nil
}

func checkPath(v *vector) error {
	tile, err := tlog.ParseTilePath(theirPath(v.Path))
	if err != nil || v.Error != "" {
		return err
	}
	level := -1
	if v.Level != nil {
		level = *v.Level
	}
	if tile.L != level || tile.N != v.Index || tile.W != v.Width || ourPath(tile) != v.Path {
		return fmt.Errorf("%v", tile)
	}
	return nil
}

func checkGeometry(v *vector) error {
	full, partial := map[int]int{}, map[int]int{}
	for _, tile := range tlog.NewTiles(height, 0, v.Size) {
		if tile.W == 1<<height {
			full[tile.L]++
		} else {
			partial[tile.L] = tile.W
		}
	}
	for level, want := range v.Levels {
		if full[level] != want.Full || partial[level] != want.Partial {
			return fmt.Errorf("level %d: %d full, %d in the last", level, full[level], partial[level])
		}
	}
	return nil
}

type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	list := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(h)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		list[i] = h[index]
	}
	return list, nil
}

func grow(entries [][]byte) hashes {
	var store hashes
	for n, entry := range entries {
		more, err := tlog.StoredHashes(int64(n), entry, store)
		if err != nil {
			panic(err)
		}
		store = append(store, more...)
	}
	return store
}

func counted(size int64) [][]byte {
	entries := make([][]byte, size)
	for n := range entries {
		entries[n] = binary.BigEndian.AppendUint64(nil, uint64(n))
	}
	return entries
}

func compareRoot(store hashes, size int64, root string) error {
	made, err := tlog.TreeHash(size, store)
	if size == 0 {
		return nil // theirs has no root without entries
	}
	if err != nil || hex.EncodeToString(made[:]) != root {
		return fmt.Errorf("root at %d: %v", size, err)
	}
	return nil
}

func makeLog(dir, count, seed string) error {
	size, err := strconv.ParseInt(count, 10, 64)
	if err != nil {
		return err
	}
	entries := counted(size)
	store := grow(entries)
	for _, tile := range tlog.NewTiles(height, 0, size) {
		data, err := tlog.ReadTileData(tile, store)
		if err != nil {
			return err
		}
		if err := write(dir, ourPath(tile), data); err != nil {
			return err
		}
		if tile.L > 0 {
			continue
		}
		var bundle []byte
		for _, entry := range entries[tile.N<<height : tile.N<<height+int64(tile.W)] {
			bundle = append(binary.BigEndian.AppendUint16(bundle, uint16(len(entry))), entry...)
		}
		tile.L = -1
		if err := write(dir, ourPath(tile), bundle); err != nil {
			return err
		}
	}
	root, err := tlog.TreeHash(size, store)
	if err != nil {
		return err
	}
	signer, key, err := newKey("log.example/sumdb", seed)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("log.example/sumdb\n%d\n%s\n", size, base64.StdEncoding.EncodeToString(root[:]))
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return err
	}
	fmt.Println(key)
	return write(dir, "checkpoint", signed)
}

func readLog(dir, key string) error {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return err
	}
	msg, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	opened, err := note.Open(msg, note.VerifierList(verifier))
	if err != nil {
		return err
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return err
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return err
	}
	if err := checkEntries(files(dir), tlog.Tree{N: size, Hash: root}); err != nil {
		return err
	}
	fmt.Println(size)
	for _, sig := range opened.UnverifiedSigs {
		fmt.Println(sig.Name)
	}
	return nil
}

// checkEntries reads every entry, proves that it is in the tree, and that the tree grew from every smaller one, by tiles alone.
func checkEntries(dir files, tree tlog.Tree) error {
	reader := tlog.TileHashReader(tree, dir)
	for n := int64(0); n < tree.N; n++ {
		entry, err := dir.entry(n, tree.N)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveRecord(tree.N, n, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, n, tlog.RecordHash(entry)); err != nil {
			return fmt.Errorf("entry %d: %v", n, err)
		}
		old, err := tlog.TreeHash(n+1, reader)
		if err != nil {
			return err
		}
		growth, err := tlog.ProveTree(tree.N, n+1, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(growth, tree.N, tree.Hash, n+1, old); err != nil {
			return fmt.Errorf("growth from %d: %v", n+1, err)
		}
	}
	return nil
}

type files string

func (f files) Height() int { return height }

func (f files) SaveTiles([]tlog.Tile, [][]byte) {}

func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var list [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(string(f), ourPath(tile)))
		if err != nil {
			return nil, err
		}
		list = append(list, data)
	}
	return list, nil
}

func (f files) entry(n, size int64) ([]byte, error) {
	width := min(size-n>>height<<height, 1<<height)
	bundle, err := f.ReadTiles([]tlog.Tile{{H: height, L: -1, N: n >> height, W: int(width)}})
	if err != nil {
		return nil, err
	}
	data := bundle[0]
	for at := n >> height << height; ; at++ {
		length := int(binary.BigEndian.Uint16(data))
		if at == n {
			return data[2 : 2+length], nil
		}
		data = data[2+length:]
	}
}

// theirPath puts the height into a path; ourPath takes it out, and calls bundles of entries by their C2SP name.
func theirPath(path string) string {
	rest, found := strings.CutPrefix(path, "tile/")
	if !found {
		return path
	}
	return strings.Replace("tile/8/"+rest, "tile/8/entries/", "tile/8/data/", 1)
}

func ourPath(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	return strings.Replace(path, "tile/data/", "tile/entries/", 1)
}

func newKey(name, seed string) (note.Signer, string, error) {
	data, err := hex.DecodeString(seed)
	if err != nil || len(data) != ed25519.SeedSize {
		return nil, "", fmt.Errorf("seed: %v", err)
	}
	key := ed25519.NewKeyFromSeed(data)
	verifier, err := note.NewEd25519VerifierKey(name, key.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, "", err
	}
	hash := strings.Split(verifier, "+")[1]
	private := fmt.Sprintf("PRIVATE+KEY+%s+%s+%s", name, hash, base64.StdEncoding.EncodeToString(append([]byte{1}, data...)))
	signer, err := note.NewSigner(private)
	return signer, verifier, err
}

func parseHashes(values []string) ([]tlog.Hash, error) {
	list := make([]tlog.Hash, len(values))
	for i, value := range values {
		data, err := hex.DecodeString(value)
		if err != nil || len(data) != tlog.HashSize {
			return nil, fmt.Errorf("no hash: %q", value)
		}
		copy(list[i][:], data)
	}
	return list, nil
}

func show(list []tlog.Hash) []string {
	shown := []string{}
	for _, hash := range list {
		shown = append(shown, hex.EncodeToString(hash[:]))
	}
	return shown
}

func write(dir, path string, data []byte) error {
	full := filepath.Join(dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return err
	}
	return os.WriteFile(full, data, 0o644)
}
