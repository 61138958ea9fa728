package eve.jvm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.ArrayList;

/** The memory of a patch: bytes one behind the other, and what they refer to. */
abstract class Patch {
  /** Room in front of the patch for what a commit answers. */
  private static final long HEAD = 32;
  private static final long KEPT = 1 << 20;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;

  private Arena arena;
  private MemorySegment memory;
  private long capacity;
  private long at;
  /** Snapshots whose views are in the patch: they stay until it is used. */
  final ArrayList<Snap> held = new ArrayList<>();
  /** Descriptions of versions, each an eve_held, and where the last one is. */
  private MemorySegment versions = Arena.ofAuto().allocate(1024, 16);
  private long versionsUsed;
  private final ArrayList<MemorySegment> full = new ArrayList<>();
  private Snap described;
  private long describedAt;

  Patch() {
    room(8192);
  }

  private void room(long bytes) {
    Arena larger = Arena.ofShared();
    MemorySegment to = larger.allocate(bytes, 8);
    if (arena != null) {
      MemorySegment.copy(memory, 0, to, 0, at);
      arena.close();
    }
    arena = larger;
    memory = to;
    capacity = bytes;
  }

  /** Makes it empty again. */
  final void begin() {
    at = HEAD;
  }

  /** Lets go of what it referred to. */
  final void release() {
    for (int i = 0; i < held.size(); i++) {
      held.get(i).exit();
    }
    held.clear();
    full.clear();
    versionsUsed = 0;
    described = null;
  }

  final boolean isLarge() {
    return capacity > KEPT;
  }

  final void free() {
    arena.close();
  }

  final long at() {
    return at;
  }

  /** Back to an earlier place. */
  final void truncate(long at) {
    this.at = at;
  }

  /** Writes a number over one that was written at an earlier place. */
  final void setI32(long at, int i) {
    memory.set(I32, at, i);
  }

  final long start() {
    return memory.address() + HEAD;
  }

  final long length() {
    return at - HEAD;
  }

  /** Where a commit answers: a handle, then root word and cell. */
  final long answer() {
    return memory.address();
  }

  final long answer(int i) {
    return memory.get(LONG, 8L * i);
  }

  private void need(long bytes) {
    if (at + bytes > capacity) {
      if (at + bytes > 1L << 36) throw new Encoder.Unstorable("a value of more than 64 GiB", null);
      room(Math.max(capacity * 2, at + bytes + capacity));
    }
  }

  final void code(int code) {
    need(1);
    memory.set(ValueLayout.JAVA_BYTE, at++, (byte) code);
  }

  final void i32(int i) {
    need(4);
    memory.set(I32, at, i);
    at += 4;
  }

  final void i64(long i) {
    need(8);
    memory.set(LONG, at, i);
    at += 8;
  }

  final void code64(int code, long bits) {
    need(9);
    memory.set(ValueLayout.JAVA_BYTE, at, (byte) code);
    memory.set(LONG, at + 1, bits);
    at += 9;
  }

  final void raw(byte[] bytes) {
    need(bytes.length);
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, at, bytes.length);
    at += bytes.length;
  }

  final void sized(byte[] bytes) {
    i32(bytes.length);
    raw(bytes);
  }

  final void integer(BigInteger i) {
    byte[] big = i.toByteArray();
    i32(big.length);
    need(big.length);
    for (int k = big.length - 1; k >= 0; k--) {
      memory.set(ValueLayout.JAVA_BYTE, at++, big[k]);
    }
  }

  /** What stands for a version in calls that take one: the handle of its snapshot, or where the version is described. */
  final long version(Snap snap) {
    if (snap.root == snap.hold.root) return snap.hold.handle;
    if (snap != described) {
      if (versionsUsed == versions.byteSize()) {
        full.add(versions); // what was written stays until the patch is used
        versions = Arena.ofAuto().allocate(versions.byteSize() * 2, 16);
        versionsUsed = 0;
      }
      versions.set(LONG, versionsUsed, snap.hold.handle);
      versions.set(LONG, versionsUsed + 8, snap.root);
      described = snap;
      describedAt = versions.address() + versionsUsed | 1;
      versionsUsed += 16;
    }
    return describedAt;
  }
}
