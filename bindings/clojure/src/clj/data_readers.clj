{eve/sorted-map eve.alpha/read-sorted-map
 eve/sorted-set eve.alpha/read-sorted-set
 eve/int-map eve.alpha/read-int-map
 eve/array eve.array/read-array
 eve/obj eve.obj/read-obj
 eve/obj-array eve.obj/read-obj-array}
