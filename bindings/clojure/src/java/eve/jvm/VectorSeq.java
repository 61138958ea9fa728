package eve.jvm;

import clojure.lang.ASeq;
import clojure.lang.ArrayChunk;
import clojure.lang.ArraySeq;
import clojure.lang.Counted;
import clojure.lang.IChunk;
import clojure.lang.IChunkedSeq;
import clojure.lang.IDrop;
import clojure.lang.IPersistentMap;
import clojure.lang.ISeq;
import clojure.lang.IndexedSeq;
import clojure.lang.Obj;
import clojure.lang.PersistentList;
import clojure.lang.Sequential;

/** The elements of a vector from an index on. Its chunk is read, and the next one when it is asked for. */
final class VectorSeq extends ASeq implements IndexedSeq, IChunkedSeq, Counted, IDrop {
  private final EveVector vector;
  private final Object[] chunk;
  /** Index of the chunk's first element. */
  private final int start;
  private final int at;

  private VectorSeq(EveVector vector, Object[] chunk, int start, int at, IPersistentMap meta) {
    super(meta);
    this.vector = vector;
    this.chunk = chunk;
    this.start = start;
    this.at = at;
  }

  /** Null if there are none. */
  static VectorSeq from(EveVector vector, int index) {
    return index < vector.count() ? new VectorSeq(vector, vector.chunk(index), index, 0, null) : null;
  }

  @Override
  public Object first() {
    return chunk[at];
  }

  @Override
  public ISeq next() {
    return at + 1 < chunk.length ? new VectorSeq(vector, chunk, start, at + 1, null) : chunkedNext();
  }

  @Override
  public ISeq chunkedNext() {
    return from(vector, start + chunk.length);
  }

  @Override
  public ISeq chunkedMore() {
    ISeq next = chunkedNext();
    return next == null ? PersistentList.EMPTY : next;
  }

  @Override
  public IChunk chunkedFirst() {
    return new ArrayChunk(chunk, at);
  }

  /** What is passed over is not read. */
  @Override
  public Sequential drop(int n) {
    if (n >= count()) return null;
    int to = at + Math.max(n, 0);
    return to < chunk.length ? new VectorSeq(vector, chunk, start, to, null) : from(vector, start + to);
  }

  @Override
  public int index() {
    return start + at;
  }

  @Override
  public int count() {
    return vector.count() - index();
  }

  @Override
  public Obj withMeta(IPersistentMap meta) {
    return new VectorSeq(vector, chunk, start, at, meta);
  }

  /** Serialized as one of Clojure's own. */
  Object writeReplace() {
    return ArraySeq.create(toArray()).withMeta(meta());
  }
}
