package eve.jvm;

import clojure.lang.ExceptionInfo;
import clojure.lang.Keyword;
import clojure.lang.PersistentHashMap;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The functions of eve.h. Reads are "critical" calls: they neither wait nor call back, take arrays of the heap, and cost some
 * nanoseconds. Everything else is an ordinary call.
 */
final class Native {
  private static final int INTERFACE = 3;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final MemoryLayout PTR = ValueLayout.ADDRESS;
  private static final VarHandle WORD = LONG.varHandle();

  /** All memory, to read what the library points to. */
  static final MemorySegment MEMORY;

  private static final SymbolLookup LIBRARY;

  static {
    if (Runtime.version().feature() < 22) {
      throw new ExceptionInfo("eve needs JDK 22 or later; this is " + Runtime.version()
          + ". Put a newer one on the PATH or set JAVA_HOME", PersistentHashMap.EMPTY);
    }
    try {
      MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
      LIBRARY = load();
    } catch (IllegalCallerException e) {
      throw new ExceptionInfo("eve may not call its native library: start Java with --enable-native-access=ALL-UNNAMED ("
          + e.getMessage() + ")", PersistentHashMap.EMPTY); // no cause: Clojure's REPL would show only that
    }
  }

  private static final MethodHandle ERROR = plain("eve_last_error", LONG, PTR, PTR, LONG);
  private static final MethodHandle OPEN = plain("eve_open", LONG, PTR, LONG, INT, LONG, PTR);
  private static final MethodHandle OPEN_MEMORY = plain("eve_open_memory", LONG, LONG, PTR);
  private static final MethodHandle DOMAIN_FREE = plain("eve_domain_free", LONG, LONG);
  private static final MethodHandle STAT = plain("eve_stat", LONG, LONG, PTR, LONG);
  private static final MethodHandle RECLAIM = plain("eve_reclaim", LONG, LONG);
  private static final MethodHandle ATOMS = plain("eve_atoms", LONG, LONG, PTR, LONG);
  private static final MethodHandle VERIFY = plain("eve_verify", LONG, LONG, PTR, LONG);
  private static final MethodHandle ATOM = plain("eve_atom", LONG, LONG, PTR, LONG, PTR, LONG, PTR);
  private static final MethodHandle ATOM_FREE = plain("eve_atom_free", LONG, LONG);
  private static final MethodHandle REMOVE = plain("eve_remove", LONG, LONG);
  private static final MethodHandle WAIT = plain("eve_wait", LONG, LONG, LONG, LONG);
  private static final MethodHandle COMMIT = plain("eve_commit", LONG, LONG, LONG, LONG, LONG, LONG, LONG);
  private static final MethodHandle COMMITTED = critical("eve_committed", LONG, LONG);
  private static final MethodHandle ROOT_ADDRESS = critical("eve_root_address", LONG, LONG);
  private static final MethodHandle COMMITS = critical("eve_commits", LONG, LONG);
  private static final MethodHandle LOAD = critical("eve_load", LONG, LONG, PTR, PTR);
  private static final MethodHandle SNAPSHOT_FREE = plain("eve_snapshot_free", LONG, LONG);
  private static final MethodHandle GET = critical("eve_get", LONG, LONG, LONG, LONG, LONG, PTR, PTR);
  private static final MethodHandle KEY = critical("eve_key", LONG, LONG, LONG, LONG, PTR, PTR);
  private static final MethodHandle GET_STORED = critical("eve_get_stored", LONG, LONG, LONG, LONG, LONG, PTR);
  private static final MethodHandle FIND = critical("eve_find", LONG, LONG, LONG, LONG, LONG, PTR, PTR);
  private static final MethodHandle NTH = critical("eve_nth", LONG, LONG, LONG, LONG, PTR);
  private static final MethodHandle META = critical("eve_meta", LONG, LONG, LONG, PTR);
  private static final MethodHandle WITHOUT_META = critical("eve_without_meta", LONG, LONG, LONG, PTR);
  private static final MethodHandle TAGGED = critical("eve_tagged", LONG, LONG, LONG, PTR);
  private static final MethodHandle LIST = critical("eve_list", LONG, LONG, LONG, PTR);
  private static final MethodHandle EQUALS = plain("eve_equals", LONG, LONG, LONG, LONG, LONG);
  private static final MethodHandle ENTRIES = critical("eve_entries", LONG, LONG, LONG, PTR, LONG);
  private static final MethodHandle ELEMENTS = critical("eve_elements", LONG, LONG, LONG, LONG, PTR, LONG);
  private static final MethodHandle WALK = plain("eve_walk", LONG, LONG, LONG, PTR);
  private static final MethodHandle WALK_NEXT = critical("eve_walk_next", LONG, LONG, PTR, LONG);
  private static final MethodHandle WALK_FREE = plain("eve_walk_free", LONG, LONG);

  private Native() {}

  private static MethodHandle handle(String name, MemoryLayout result, MemoryLayout[] arguments, Linker.Option... options) {
    MemorySegment function = LIBRARY.find(name).orElseThrow(() ->
        new ExceptionInfo("the native library of eve has no " + name + ": it is of another version; build it again",
            PersistentHashMap.EMPTY));
    return Linker.nativeLinker().downcallHandle(function, FunctionDescriptor.of(result, arguments), options);
  }

  static MethodHandle plain(String name, MemoryLayout result, MemoryLayout... arguments) {
    return handle(name, result, arguments);
  }

  static MethodHandle critical(String name, MemoryLayout result, MemoryLayout... arguments) {
    return handle(name, result, arguments, Linker.Option.critical(true));
  }

  private static SymbolLookup load() {
    String file = System.mapLibraryName("eve");
    Path path;
    String given = System.getProperty("eve.library", System.getenv("EVE_LIBRARY"));
    if (given != null && !given.isEmpty()) {
      path = Path.of(given).toAbsolutePath();
      if (!Files.isRegularFile(path)) {
        throw new ExceptionInfo("EVE_LIBRARY names no file: " + path, PersistentHashMap.EMPTY);
      }
    } else {
      path = unpack(file);
    }
    SymbolLookup found;
    try {
      found = SymbolLookup.libraryLookup(path, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new ExceptionInfo("cannot load the native library " + path + ": it is not one for " + platform()
          + " (" + e.getMessage() + ")", PersistentHashMap.EMPTY);
    }
    try {
      MethodHandle version = Linker.nativeLinker().downcallHandle(found.find("eve_interface").orElseThrow(),
          FunctionDescriptor.of(INT));
      int has = (int) version.invokeExact();
      if (has != INTERFACE) {
        throw new ExceptionInfo(path + " has version " + has + " of the interface, this jar needs " + INTERFACE
            + ": take both from one release", PersistentHashMap.EMPTY);
      }
    } catch (ExceptionInfo e) {
      throw e;
    } catch (Throwable e) {
      throw new ExceptionInfo(path + " is not the native library of eve", PersistentHashMap.EMPTY);
    }
    return found;
  }

  private static String platform() {
    return (System.getProperty("os.name") + "-" + System.getProperty("os.arch")).toLowerCase().replace(' ', '-');
  }

  /** The library that the jar carries for this platform, as a file. */
  private static Path unpack(String file) {
    String resource = "eve/native/" + platform() + "/" + file;
    try (InputStream in = Native.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw new ExceptionInfo("there is no native library of eve for " + platform() + " (" + resource
            + " is not on the class path). Build it with `cargo build --release -p eve-c` and set EVE_LIBRARY to the file, "
            + "or start Clojure with bindings/clojure/bin/clj", PersistentHashMap.EMPTY);
      }
      Path path = Files.createTempFile("eve-", "-" + file);
      path.toFile().deleteOnExit();
      Files.copy(in, path, StandardCopyOption.REPLACE_EXISTING);
      return path;
    } catch (IOException e) {
      throw new ExceptionInfo("cannot unpack the native library of eve into " + System.getProperty("java.io.tmpdir"),
          PersistentHashMap.EMPTY, e);
    }
  }

  private static final String[] KINDS = {
    "other", "io", "not-a-domain", "full", "corrupt", "value", "no-such-atom", "read-only", "forked", "parse", "aborted",
    "counter-exhausted", "defect", "other", "other"
  };

  /** The thread's last error, as an exception. */
  private static RuntimeException error() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment kind = arena.allocate(INT);
      MemorySegment text = arena.allocate(4096);
      long length = (long) ERROR.invokeExact(kind, text, text.byteSize());
      byte[] bytes = text.asSlice(0, Math.min(length, text.byteSize())).toArray(ValueLayout.JAVA_BYTE);
      int number = kind.get(INT, 0);
      String name = number >= 0 && number < KINDS.length ? KINDS[number] : "other";
      return new ExceptionInfo(new String(bytes, StandardCharsets.UTF_8),
          PersistentHashMap.create(Keyword.intern("eve", "error"), Keyword.intern(name)));
    } catch (Throwable e) {
      return unexpected(e);
    }
  }

  static RuntimeException unexpected(Throwable e) {
    if (e instanceof RuntimeException r) return r;
    if (e instanceof Error err) throw err;
    return new IllegalStateException(e);
  }

  static long checked(long result) {
    if (result < 0) throw error();
    return result;
  }

  /** Runs a call that gives a handle out. */
  interface Giver {
    long call(MemorySegment out) throws Throwable;
  }

  static long handleFrom(Giver call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(LONG);
      checked(call.call(out));
      return out.get(LONG, 0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static MemorySegment copy(Arena arena, byte[] bytes) {
    MemorySegment segment = arena.allocate(Math.max(bytes.length, 1));
    MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return segment;
  }

  static long open(String path, int flags, long reserve) {
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = copy(arena, bytes);
      return handleFrom(out -> (long) OPEN.invokeExact(name, (long) bytes.length, flags, reserve, out));
    }
  }

  static long openMemory(long reserve) {
    return handleFrom(out -> (long) OPEN_MEMORY.invokeExact(reserve, out));
  }

  static void domainFree(long domain) {
    try {
      checked((long) DOMAIN_FREE.invokeExact(domain));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static long[] stat(long domain) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(LONG, 16);
      int n = (int) checked((long) STAT.invokeExact(domain, out, 16L));
      return out.asSlice(0, 8L * n).toArray(LONG);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static void reclaim(long domain) {
    try {
      checked((long) RECLAIM.invokeExact(domain));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Names, each a length of 4 bytes and so many bytes. */
  static byte[] atoms(long domain) {
    return bytesOf((out, size) -> (long) ATOMS.invokeExact(domain, out, size));
  }

  /** A report, in JSON. */
  static byte[] verify(long domain) {
    return bytesOf((out, size) -> (long) VERIFY.invokeExact(domain, out, size));
  }

  /** Runs a call that fills a buffer as far as it goes and says how much it needs. */
  private interface Filler {
    long call(MemorySegment out, long size) throws Throwable;
  }

  private static byte[] bytesOf(Filler call) {
    long size = 1 << 16;
    while (true) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment out = arena.allocate(size);
        long needed = checked(call.call(out, size));
        if (needed <= size) return out.asSlice(0, needed).toArray(ValueLayout.JAVA_BYTE);
        size = needed * 2;
      } catch (Throwable e) {
        throw unexpected(e);
      }
    }
  }

  /** The atom of a name; 0 if it is not there and no initial value is given. */
  static long atom(long domain, String name, long initial, long length) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = copy(arena, bytes);
      MemorySegment patch = MemorySegment.ofAddress(initial);
      MemorySegment out = arena.allocate(LONG);
      long found = checked((long) ATOM.invokeExact(domain, text, (long) bytes.length, patch, length, out));
      return found == 0 ? 0 : out.get(LONG, 0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static void atomFree(long atom) {
    try {
      checked((long) ATOM_FREE.invokeExact(atom));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static boolean remove(long atom) {
    try {
      return checked((long) REMOVE.invokeExact(atom)) != 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static boolean await(long atom, long seen, long milliseconds) {
    try {
      return checked((long) WAIT.invokeExact(atom, seen, milliseconds)) != 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Where the root word of an atom lies. */
  static long rootAddress(long atom) {
    try {
      return (long) ROOT_ADDRESS.invokeExact(atom);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** A word of shared memory, which the caller keeps mapped. */
  static long word(long address) {
    return (long) WORD.getAcquire(MEMORY, address); // pairs with the exchange that published what it leads to
  }

  /** Bytes of a domain's file. */
  static long committed(long domain) {
    try {
      return (long) COMMITTED.invokeExact(domain);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static long commits(long atom) {
    try {
      return (long) COMMITS.invokeExact(atom);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Pins the current version: the handle of the snapshot; root word and cell go into {@code root}. */
  static long load(long atom, long[] root) {
    try {
      long[] out = new long[1];
      checked((long) LOAD.invokeExact(atom, MemorySegment.ofArray(out), MemorySegment.ofArray(root)));
      return out[0];
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static void snapshotFree(long snapshot) {
    try {
      checked((long) SNAPSHOT_FREE.invokeExact(snapshot));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** False if somebody else was first. {@code out}: 0, or room for the handle of the new snapshot, its root word and cell. */
  static boolean commit(long atom, long base, long patch, long length, long out) {
    try {
      return checked((long) COMMIT.invokeExact(atom, base, patch, length, out, out == 0 ? 0 : out + 8)) != 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static boolean get(long snapshot, long word, long tag, long bits, MemorySegment text, long[] out) {
    try {
      long found = (long) GET.invokeExact(snapshot, word, tag, bits, text, MemorySegment.ofArray(out));
      if (found < 0) throw error();
      return found != 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static boolean key(long snapshot, long tag, MemorySegment text, long[] out) {
    try {
      return checked((long) KEY.invokeExact(snapshot, tag, 0L, text, MemorySegment.ofArray(out))) != 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static boolean getStored(long snapshot, long word, long key, long hash, long[] out) {
    try {
      long found = (long) GET_STORED.invokeExact(snapshot, word, key, hash, MemorySegment.ofArray(out));
      if (found < 0) throw error();
      return found != 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static boolean find(long snapshot, long word, long tag, long bits, MemorySegment text, long[] out) {
    try {
      return checked((long) FIND.invokeExact(snapshot, word, tag, bits, text, MemorySegment.ofArray(out))) != 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static boolean nth(long snapshot, long word, long index, long[] out) {
    try {
      return checked((long) NTH.invokeExact(snapshot, word, index, MemorySegment.ofArray(out))) != 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static boolean meta(long snapshot, long word, long[] out) {
    try {
      return checked((long) META.invokeExact(snapshot, word, MemorySegment.ofArray(out))) != 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static void withoutMeta(long snapshot, long word, long[] out) {
    try {
      checked((long) WITHOUT_META.invokeExact(snapshot, word, MemorySegment.ofArray(out)));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static boolean tagged(long snapshot, long word, long[] out) {
    try {
      return checked((long) TAGGED.invokeExact(snapshot, word, MemorySegment.ofArray(out))) != 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static boolean list(long snapshot, long word, long[] out) {
    try {
      return checked((long) LIST.invokeExact(snapshot, word, MemorySegment.ofArray(out))) != 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static boolean equal(long a, long aWord, long b, long bWord) {
    try {
      return checked((long) EQUALS.invokeExact(a, aWord, b, bWord)) != 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Entries (2 cells each) or elements of a set from the first on; how many. */
  static int entries(long snapshot, long word, long[] out) {
    try {
      return (int) checked((long) ENTRIES.invokeExact(snapshot, word, MemorySegment.ofArray(out), (long) out.length / 2));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int elements(long snapshot, long word, long from, long[] out) {
    try {
      return (int) checked(
          (long) ELEMENTS.invokeExact(snapshot, word, from, MemorySegment.ofArray(out), (long) out.length / 2));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static long walk(long snapshot, long word) {
    return handleFrom(out -> (long) WALK.invokeExact(snapshot, word, out));
  }

  static int walkNext(long walk, long[] out) {
    try {
      return (int) checked((long) WALK_NEXT.invokeExact(walk, MemorySegment.ofArray(out), (long) out.length / 2));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static void walkFree(long walk) {
    try {
      checked((long) WALK_FREE.invokeExact(walk));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }
}
