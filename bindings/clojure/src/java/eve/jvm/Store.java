package eve.jvm;

import clojure.lang.Keyword;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** A domain as this process has it open, with the atoms that were asked for. */
public final class Store {
  public static final int READ_ONLY = 1, MUST_EXIST = 2;

  private final String path;
  private final boolean readOnly;
  /** Which file it is, whatever its name; null for memory, and where the system has no such keys. */
  private final Object file;
  final Keywords keywords = new Keywords();
  private final ConcurrentHashMap<String, EveAtom> atoms = new ConcurrentHashMap<>();
  private final long domain;
  private static final int STRIPES = 16, LINE = 32;
  private final AtomicIntegerArray calls = new AtomicIntegerArray(STRIPES * LINE);
  private volatile boolean closed;
  /** Bytes of the file when it was looked at whether dropped values make it grow. */
  private long looked;

  private Store(String path, boolean readOnly, long domain) {
    this.path = path;
    this.readOnly = readOnly;
    this.file = path == null ? null : fileAt(path);
    this.domain = domain;
    this.looked = Native.committed(domain);
  }

  /** The domain in the file at a path. {@code reserve}: bytes of address space of one that is created, 0 for the usual. */
  public static Store open(String path, int flags, long reserve) {
    return new Store(path, (flags & READ_ONLY) != 0, Native.open(path, flags, reserve));
  }

  /** A domain in the memory of this process. */
  public static Store memory(long reserve) {
    return new Store(null, false, Native.openMemory(reserve));
  }

  /** The file; null for memory. */
  public String path() {
    return path;
  }

  /** The file, or {@code memory}. */
  @Override
  public String toString() {
    return path == null ? "memory" : path;
  }

  public boolean isReadOnly() {
    return readOnly;
  }

  private static Object fileAt(String path) {
    try {
      return Files.readAttributes(Path.of(path), BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      return null;
    }
  }

  /** Does its path still lead to this file? Another one may lie there by now, or none. */
  public boolean isAtItsPath() {
    return file == null || file.equals(fileAt(path));
  }

  /**
   * Begins a call; {@link #exit} ends it. A close waits for the calls under way, which are counted in stripes so that threads
   * do not meet on one counter.
   */
  void enter() {
    int at = stripe();
    calls.incrementAndGet(at);
    if (closed) {
      calls.decrementAndGet(at);
      throw Problem.of("closed", path, "the domain " + (path == null ? "in memory" : path) + " was closed; open it again");
    }
  }

  void exit() {
    calls.decrementAndGet(stripe());
  }

  private static int stripe() {
    return (int) Thread.currentThread().threadId() % STRIPES * LINE;
  }

  public boolean isOpen() {
    return !closed;
  }

  /** Closes the domain. Values that were read stay; its atoms cannot be used any more. */
  public synchronized void close() {
    if (closed) return;
    closed = true;
    for (int i = 0; i < STRIPES; i++) {
      while (calls.get(i * LINE) != 0) {
        Thread.onSpinWait();
        Thread.yield();
      }
    }
    for (EveAtom atom : atoms.values()) {
      Native.atomFree(atom.handle);
    }
    atoms.clear();
    Native.domainFree(domain);
  }

  /** The figures of eve_stat. */
  public long[] stat() {
    enter();
    try {
      return Native.stat(domain);
    } finally {
      exit();
    }
  }

  /** Checks every block: a report in JSON. */
  public String verify() {
    enter();
    try {
      return new String(Native.verify(domain), StandardCharsets.UTF_8);
    } finally {
      exit();
    }
  }

  /** Growth of the file that is not asked about. */
  private static final long QUIET = 256L << 20;

  /**
   * Asks for a collection if the file has grown by a quarter, and much, since the last one: that may be for values that nobody
   * has any more, and of which the heap has seen little. As often as a file that large can grow by a quarter. Between
   * enter and exit.
   */
  void relieve() {
    if (closed) return; // the last values of a domain that was closed
    long now = Native.committed(domain);
    if (now - looked < Math.max(QUIET, looked / 4)) return;
    looked = now;
    System.gc();
    Hold.drain();
  }

  /** Frees what can be freed. */
  public void reclaim() {
    enter();
    try {
      Native.reclaim(domain);
    } finally {
      exit();
    }
  }

  /** The names of all atoms but the anonymous ones. */
  public List<String> names() {
    byte[] all;
    enter();
    try {
      all = Native.atoms(domain);
    } finally {
      exit();
    }
    ByteBuffer bytes = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
    List<String> names = new ArrayList<>();
    while (bytes.remaining() >= 4) {
      byte[] name = new byte[bytes.getInt()];
      bytes.get(name);
      String text = new String(name, StandardCharsets.UTF_8);
      if (!text.startsWith(ANONYMOUS)) names.add(text);
    }
    return names;
  }

  /** The atom of a name, if it has a value; null if not. Always the same object. */
  public EveAtom find(String name) {
    enter();
    try {
      long atom = Native.atom(domain, name, 0, 0);
      return atom == 0 ? null : keep(name, atom);
    } finally {
      exit();
    }
  }

  /** The atom of a name, made with this value if there is none. */
  public EveAtom create(String name, Object initial) {
    try (Encoder patch = Encoder.take()) {
      patch.put(initial);
      enter();
      try {
        return keep(name, Native.atom(domain, name, patch.start(), patch.length()));
      } finally {
        exit();
      }
    }
  }

  private static final String ANONYMOUS = "\0";

  /** An atom that nothing but its object names: it is removed when that is dropped. */
  public EveAtom anonymous(Object initial) {
    String name = ANONYMOUS + java.util.UUID.randomUUID();
    try (Encoder patch = Encoder.take()) {
      patch.put(initial);
      enter();
      try {
        long atom = Native.atom(domain, name, patch.start(), patch.length());
        EveAtom made = new EveAtom(this, null, atom);
        Snap.onDrop(made, () -> {
          Native.remove(atom);
          Native.atomFree(atom);
        });
        return made;
      } finally {
        exit();
      }
    }
  }

  private EveAtom keep(String name, long atom) {
    EveAtom known = atoms.get(name);
    if (known == null) {
      EveAtom made = new EveAtom(this, name, atom);
      known = atoms.putIfAbsent(name, made);
      if (known == null) return made;
    }
    Native.atomFree(atom);
    return known;
  }

  /** Removes the atom of a name; false if there is none. */
  public boolean remove(String name) {
    EveAtom atom = find(name);
    return atom != null && atom.remove();
  }
}
